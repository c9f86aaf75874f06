package org.pagedattention.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

class FlagsTest {
    private static final CommandSpec COMMAND = CommandSpec.create()
            .addOption(OptionSpec.builder("--query-heads").build())
            .addOption(OptionSpec.builder("--dtype").build())
            .addOption(OptionSpec.builder("--page-size").build())
            .addOption(OptionSpec.builder("--backend").build());

    @Test
    void putsTheFlagWhereTheLibrarySpeaksOfAnOption() {
        assertThat(Flags.in("set option queryHeads to 4, or option type to fp16", COMMAND))
                .isEqualTo("set --query-heads to 4, or --dtype to fp16");
    }

    @Test
    void putsTheFlagBehindTheFirstMentionOfASetting() {
        assertThat(Flags.in("set spark.pagedAttention.backend to cpu; spark.pagedAttention.backend is cudnn", COMMAND))
                .isEqualTo(
                        "set spark.pagedAttention.backend (--backend) to cpu; spark.pagedAttention.backend is cudnn");
        assertThat(Flags.in("spark.pagedAttention.page.size.", COMMAND))
                .isEqualTo("spark.pagedAttention.page.size (--page-size).");
    }

    @Test
    void leavesAloneWhatTheCommandHasNoFlagFor() {
        String text =
                "option kvHeads, spark.pagedAttention.onBadRow and spark.pagedAttention.backend.x; no option at all";
        assertThat(Flags.in(text, COMMAND)).isEqualTo(text);
    }
}
