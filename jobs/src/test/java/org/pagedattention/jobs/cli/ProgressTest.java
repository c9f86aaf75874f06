package org.pagedattention.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.Test;
import org.pagedattention.jobs.JobRun;
import scala.Tuple2;

class ProgressTest {
    private final SparkSession spark = JobRun.spark();
    private final LongAccumulator done = spark.sparkContext().longAccumulator("sequences");

    @Test
    void countsSequencesOfAKnownTotal() throws Exception {
        try (Progress progress = show(20)) {
            counted(10).count();
            assertThat(line(progress))
                    .startsWith("job: 10 of 20 sequences (50%), ")
                    .endsWith(" left");
        }
    }

    @Test
    void stagesThatAreSkippedAreNoTasksToDo() throws Exception {
        try (Progress progress = show(Progress.UNKNOWN)) {
            var grouped = counted(10).mapToPair(i -> new Tuple2<>(i % 2, i)).groupByKey(2);
            grouped.count();
            assertThat(line(progress)).startsWith("job: 10 sequences, ").endsWith(", 6 of 6 tasks done");
            // its first stage's results are there
            grouped.count();
            assertThat(line(progress)).endsWith(", 8 of 8 tasks done");
        }
    }

    private Progress show(long total) {
        PrintWriter nowhere = new PrintWriter(new StringWriter());
        return Progress.show(spark, "job", done, total, new Console(nowhere, nowhere));
    }

    private JavaRDD<Integer> counted(int sequences) {
        List<Integer> ids = IntStream.range(0, sequences).boxed().toList();
        LongAccumulator counter = done;
        return JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(ids, 4)
                .map(id -> {
                    counter.add(1);
                    return id;
                });
    }

    private String line(Progress progress) throws Exception {
        spark.sparkContext().listenerBus().waitUntilEmpty();
        return progress.line();
    }
}
