package org.pagedattention.jobs.bench.sharing;

import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.Histories;
import org.pagedattention.scoring.SequenceScorer;

/** How rows come to the keys and values of their history. */
public enum Way {
    /** Two tables: a history is shuffled once a task and held once a batch. */
    SHARED {
        @Override
        Dataset<Row> score(SharingTables tables, ScoringOptions options) {
            return new SequenceScorer(options)
                    .score(tables.queries(), new Histories(tables.histories(), SharingRows.KEY));
        }
    },
    /** Two tables, which Spark joins, so that every row has a copy. */
    JOINED {
        @Override
        Dataset<Row> score(SharingTables tables, ScoringOptions options) {
            return new SequenceScorer(options).score(tables.queries().join(tables.histories(), SharingRows.KEY));
        }
    },
    /** One table, in which every row has a copy. */
    UNSHARED {
        @Override
        Dataset<Row> score(SharingTables tables, ScoringOptions options) {
            return new SequenceScorer(options).score(tables.unshared());
        }
    };

    abstract Dataset<Row> score(SharingTables tables, ScoringOptions options);

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
