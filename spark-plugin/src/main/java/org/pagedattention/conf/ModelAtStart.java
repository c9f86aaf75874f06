package org.pagedattention.conf;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A model that executors load when they start.
 *
 * @param folder anywhere that Hadoop reaches
 */
public record ModelAtStart(Use use, String folder) implements Serializable {
    /** Names such models. */
    public static final String KEY = Settings.PREFIX + "model";

    /** What it is used for. */
    public enum Use {
        EMBED,
        CLASSIFY,
        LOGLIKELIHOOD,
        /** What its folder says. */
        AS_IT_SAYS
    }

    static List<ModelAtStart> parse(String text) {
        return text.isEmpty()
                ? List.of()
                : Stream.of(text.split(",", -1))
                        .map(String::strip)
                        .map(ModelAtStart::parseOne)
                        .toList();
    }

    private static ModelAtStart parseOne(String text) {
        int end = text.indexOf('=');
        String before = text.substring(0, Math.max(0, end));
        // folders may have = in their names, such as those of partitions
        boolean says = end >= 0 && !before.contains("/");
        String folder = says ? text.substring(end + 1) : text;
        if (folder.isEmpty()) {
            throw new IllegalArgumentException("name folders of models with commas between");
        }
        Use use = says
                ? Stream.of(Use.EMBED, Use.CLASSIFY, Use.LOGLIKELIHOOD)
                        .filter(known -> known.name().toLowerCase(Locale.ROOT).equals(before))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("'" + before
                                + "' is no use of a model: put embed=, classify= or loglikelihood= before its folder"))
                : Use.AS_IT_SAYS;
        return new ModelAtStart(use, folder);
    }

    /** As the setting has it. */
    public static String text(List<ModelAtStart> models) {
        return String.join(",", models.stream().map(ModelAtStart::toString).toList());
    }

    @Override
    public String toString() {
        return use == Use.AS_IT_SAYS ? folder : use.name().toLowerCase(Locale.ROOT) + "=" + folder;
    }
}
