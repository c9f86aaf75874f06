package org.pagedattention.jobs.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Usage that shows an option without brackets where its description calls it required: {@link Required} asks for it. */
public final class Usage extends Help {
    public Usage(CommandSpec command, ColorScheme colors) {
        super(command, colors);
    }

    @Override
    protected Ansi.Text createDetailedSynopsisOptionsText(
            Collection<ArgSpec> done,
            List<OptionSpec> options,
            @Nullable Comparator<OptionSpec> order,
            boolean clusterBooleanOptions) {
        List<OptionSpec> shown = options.stream().map(Usage::shown).toList();
        return super.createDetailedSynopsisOptionsText(done, shown, order, clusterBooleanOptions);
    }

    private static OptionSpec shown(OptionSpec option) {
        boolean required = String.join(" ", option.description()).endsWith("; required");
        return required ? option.toBuilder().required(true).build() : option;
    }
}
