package org.pagedattention.jobs.cli;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The flags of what the library calls by other names. It speaks of a setting by its key, and of a part of a request as
 * {@code option NAME}; a person at a command line looks for a flag.
 */
final class Flags {
    private static final Map<String, String> SETTINGS = Map.of(
            "spark.pagedAttention.backend", "--backend",
            "spark.pagedAttention.page.size", "--page-size",
            "spark.pagedAttention.page.layout", "--layout",
            "spark.pagedAttention.batch.maxTokens", "--batch-tokens",
            "spark.pagedAttention.onBadRow", "--on-bad-row",
            "spark.pagedAttention.model.dtype", "--compute-dtype");

    /** Those that are not the option's name in lower case with dashes. */
    private static final Map<String, String> ODD = Map.of("type", "--dtype", "computeType", "--compute-dtype");

    private static final Pattern OPTION = Pattern.compile("\\boption ([a-z]\\w*)");

    private Flags() {}

    /** {@code message} with the flags that {@code command} has for what it names. */
    static String in(String message, CommandSpec command) {
        String text = OPTION.matcher(message).replaceAll(found -> {
            String flag = flag(found.group(1));
            return Matcher.quoteReplacement(command.findOption(flag) == null ? found.group() : flag);
        });
        for (Map.Entry<String, String> setting : SETTINGS.entrySet()) {
            if (command.findOption(setting.getValue()) != null) {
                text = text.replaceFirst(
                        Pattern.quote(setting.getKey()) + "(?!\\.?\\w)",
                        Matcher.quoteReplacement(setting.getKey() + " (" + setting.getValue() + ")"));
            }
        }
        return text;
    }

    private static String flag(String option) {
        String dashed = option.replaceAll("(\\p{Upper})", "-$1").toLowerCase(Locale.ROOT);
        return ODD.getOrDefault(option, "--" + dashed);
    }
}
