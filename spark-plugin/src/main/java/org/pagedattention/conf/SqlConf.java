package org.pagedattention.conf;

import java.io.Serializable;

/**
 * Models of functions in SQL that are called without naming one.
 *
 * @param embed folder for {@code embed}; empty for none
 * @param classify folder for {@code classify}; empty for none
 * @param logLikelihood folder for {@code log_likelihood}; empty for none
 */
public record SqlConf(String embed, String classify, String logLikelihood) implements Serializable {

    static SqlConf read(Settings settings) {
        return new SqlConf(
                model(settings, "embed", "embed"),
                model(settings, "classify", "classify"),
                model(settings, "logLikelihood", "log_likelihood"));
    }

    private static String model(Settings settings, String name, String function) {
        return settings.read(
                "sql." + name + ".model",
                "",
                text -> text,
                "Folder of the model that `" + function + "` in SQL takes where its options name none");
    }
}
