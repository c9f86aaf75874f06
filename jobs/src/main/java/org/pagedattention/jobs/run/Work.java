package org.pagedattention.jobs.run;

import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendProvider;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.conf.BackendName;
import org.pagedattention.conf.PagedAttentionConf;

/** What is done to rows: what they are called, and which backend does it. */
public enum Work {
    /** Attention over rows of q, k and v. */
    ATTENTION("sequences"),
    /** Attention of rows of q to histories of another table. */
    HISTORIES("sequences"),
    /** Attention over rows whose k and v stand behind those of prefixes in another table. */
    PREFIXES("sequences"),
    /** Attention over rows of q, k and v, whose common beginnings lie in a batch once. */
    DEDUPED("sequences"),
    /** A whole model over texts. */
    MODEL("texts"),
    /** A language model over texts, whose common beginnings are computed once. */
    LIKELIHOOD("texts");

    private final String rows;

    Work(String rows) {
        this.rows = rows;
    }

    /** Whether a whole model does it. */
    boolean ofModels() {
        return this == MODEL || this == LIKELIHOOD;
    }

    /** What rows are called. */
    String rows() {
        return rows;
    }

    BackendChoice choose(String requested, BackendSettings settings, List<BackendProvider> installed) {
        return ofModels()
                ? BackendChoice.chooseForModels(requested, settings, installed)
                : BackendChoice.choose(requested, settings, installed);
    }

    /** The backend that does it, and why. Executors choose for themselves; in local mode that is here. */
    public String backend(PagedAttentionConf conf, SparkSession spark) {
        if (!spark.sparkContext().isLocal()) {
            String type = ofModels() ? ", in " + conf.model().type() : "";
            return conf.backend() + " (each executor chooses)" + type;
        }
        return why(conf, conf.backendSettings(spark.sparkContext().getConf().getInt("spark.task.cpus", 1)));
    }

    /**
     * The backend that would do it in this JVM, and why.
     *
     * @throws IllegalStateException when the backend that is asked for cannot
     */
    public String why(PagedAttentionConf conf, BackendSettings settings) {
        BackendChoice choice = choose(conf.backend().toString(), settings, BackendChoice.installed());
        String type = ofModels() ? ", in " + choice.provider().modelType(settings) : "";
        return choice.provider().name() + " (" + why(conf.backend(), choice) + ")" + type;
    }

    private static String why(BackendName asked, BackendChoice choice) {
        if (asked != BackendName.AUTO) {
            return "asked for";
        }
        return "auto: "
                + (choice.passedOver().isEmpty() ? "the best one works" : String.join("; ", choice.passedOver()));
    }
}
