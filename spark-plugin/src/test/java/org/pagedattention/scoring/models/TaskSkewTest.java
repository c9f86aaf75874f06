package org.pagedattention.scoring.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.LongStream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.executor.Figure;
import org.pagedattention.inference.LikelihoodOptions;
import org.pagedattention.inference.LongContext;
import org.pagedattention.request.LikelihoodColumns;
import org.pagedattention.request.LikelihoodRequest;
import org.pagedattention.scoring.LocalSpark;
import org.pagedattention.scoring.ScoredTable;
import scala.jdk.javaapi.CollectionConverters;

/** One beginning that two rows of five have makes no task that the others wait for. */
class TaskSkewTest {
    private static final StructType SCHEMA =
            new StructType().add("id", "long").add("context", "string").add("answer", "string");
    private static final int ROWS = 1000;

    @TempDir
    static Path folder;

    /** Tokens that each task computed. */
    private static final class Tasks extends SparkListener {
        private final Queue<Long> tokens = new ConcurrentLinkedQueue<>();

        @Override
        public void onTaskEnd(SparkListenerTaskEnd end) {
            CollectionConverters.asJava(end.taskInfo().accumulables()).stream()
                    .filter(of -> of.name().contains(Figure.COMPUTED_TOKENS.metric()))
                    .forEach(of -> tokens.add((Long) of.update().get()));
        }
    }

    private static Dataset<Row> table() {
        Random random = new Random(6);
        String common = words(random, 80);
        List<Row> rows = new ArrayList<>();
        String own = "";
        for (int i = 0; i < ROWS; i++) {
            own = i % 4 == 0 ? words(random, 80) : own;
            rows.add(RowFactory.create((long) i, i % 5 < 2 ? common : own, words(random, 3 + random.nextInt(5))));
        }
        return LocalSpark.table(rows, SCHEMA, 2);
    }

    private static String words(Random random, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : " ").append(Integer.toString(random.nextInt(1 << 20), 36));
        }
        return text.toString();
    }

    @Test
    void computesAboutAsMuchInEveryTask() throws InterruptedException {
        Dataset<Row> table = table();
        LongContext.write(folder);
        LikelihoodRequest request =
                LikelihoodRequest.of(folder.toString(), LikelihoodColumns.continuation("context", "answer"));
        LogLikelihood likelihood = new LogLikelihood(request, LikelihoodOptions.defaults());
        Dataset<Row> grouped = likelihood.grouped(table);
        Tasks tasks = new Tasks();
        LocalSpark.SESSION.sparkContext().addSparkListener(tasks);
        try {
            ScoredTable scored = likelihood.scoreAndCount(grouped);
            assertThat(scored.rows().collectAsList()).hasSize(ROWS);
            long computed = scored.counters().value(Figure.COMPUTED_TOKENS);
            for (int i = 0; i < 100 && tokens(tasks).sum() < computed; i++) {
                Thread.sleep(100);
            }
            long[] sorted = tokens(tasks).sorted().toArray();
            assertThat(Arrays.stream(sorted).sum()).isEqualTo(computed);
            assertThat(sorted.length).isGreaterThan(3);
            assertThat(sorted[sorted.length - 1]).isLessThanOrEqualTo(2 * sorted[sorted.length / 2]);
        } finally {
            LocalSpark.SESSION.sparkContext().removeSparkListener(tasks);
        }
    }

    private static LongStream tokens(Tasks tasks) {
        return tasks.tokens.stream().mapToLong(Long::longValue);
    }
}
