package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.device.DeviceMemoryException;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;

/** The pipeline runs a workload that knows nothing of attention: it counts the words of texts. */
class WordCountTest {
    private static final StructType SCHEMA =
            new StructType().add("id", "long").add("text", "string").add("lang", "string");
    /** Words for which there is memory in one batch. */
    private static final int MEMORY = 12;

    private static final String LONG = "word ".repeat(MEMORY + 1);

    @Test
    void givesEveryRowItsResultInOrder() {
        ScoredTable scored = scorer("fail").score(table(texts(40)), new Words());
        List<Row> rows = scored.rows().collectAsList();
        assertThat(scored.rows().columns()).containsExactly("id", "lang", "words", "upper");
        for (int i = 0; i < 40; i++) {
            assertThat(rows.get(i)).isEqualTo(RowFactory.create((long) i, "en", 1 + i % 7, words(i).toUpperCase()));
        }
        ScoringCounters counters = scored.counters();
        assertThat(counters.rows().value()).isEqualTo(40);
        assertThat(counters.value(Figure.SEQUENCES)).isEqualTo(40);
        assertThat(counters.value(Figure.KV_TOKENS))
                .isEqualTo(IntStream.range(0, 40).map(i -> 1 + i % 7).sum());
        assertThat(counters.value(Figure.SPLITS)).isPositive();
        assertThat(counters.value(Figure.RETRIES)).isGreaterThan(counters.value(Figure.SPLITS));
    }

    @Test
    void doesWhatNoBatchHoldsAtOnce() {
        ScoredTable scored = scorer("fail").score(table(List.of("a", "alone", "b")), new Words());
        assertThat(scored.rows().collectAsList())
                .extracting(row -> row.getString(3))
                .containsExactly("A", "ALL alone", "B");
        assertThat(scored.counters().value(Figure.EXACT_ROWS)).isEqualTo(1);
        assertThat(scored.counters().value(Figure.SEQUENCES)).isEqualTo(2);
    }

    @Test
    void keepsBadRowsWithTheirReasonWhereverItShows() {
        Dataset<Row> input = table(List.of("one", "", "two words", "late", LONG, "three"));
        ScoredTable scored = scorer("null").score(input, new Words());
        List<Row> rows = scored.rows().collectAsList();
        assertThat(rows).extracting(row -> row.getLong(0)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
        assertThat(rows).extracting(row -> row.get(2)).containsExactly(1, null, 2, null, null, 1);
        assertThat(rows.get(0).isNullAt(4)).isTrue();
        assertThat(rows.get(1).getString(4)).isEqualTo("column text is empty; expected words, found none");
        assertThat(rows.get(3).getString(4)).startsWith("the count overflows");
        assertThat(rows.get(4).getString(4))
                .contains("more memory than the device has free", "found 13 words: 13 > 12");
        assertThat(scored.counters().value(Figure.BAD_ROWS)).isEqualTo(3);
    }

    @Test
    void endsTheJobOrPutsTheRowAsideWhenThatIsThePolicy(@TempDir Path folder) {
        Dataset<Row> input = table(List.of("one", "", "late"));
        assertThatThrownBy(() -> scorer("fail").score(input, new Words()).rows().collectAsList())
                .hasStackTraceContaining("bad row {id=1, lang=en} (row 1 of partition 0): column text is empty");
        Quarantine quarantine = Quarantine.at(folder.resolve("bad").toString(), LocalSpark.SESSION);
        new TableScorer(conf("quarantine"), quarantine)
                .score(input, new Words())
                .rows()
                .write()
                .parquet(folder.resolve("good").toString());
        assertThat(quarantine.publish(input)).isEqualTo(2);
        assertThat(LocalSpark.SESSION
                        .read()
                        .parquet(folder.resolve("bad").toString())
                        .columns())
                .containsExactly("id", "text", "lang", "error");
    }

    @Test
    void refusesATableThatHasTheNameOfAResult() {
        StructType taken = SCHEMA.add("Words", "int");
        assertThatThrownBy(() -> TableScorer.outputSchema(taken, new Words(), conf("fail")))
                .hasMessageContaining("has a column 'words' already")
                .hasMessageEndingWith("rename it before scoring, or count something else");
    }

    private static TableScorer scorer(String onBadRow) {
        return new TableScorer(conf(onBadRow), null);
    }

    private static PagedAttentionConf conf(String onBadRow) {
        return PagedAttentionConf.parse(Map.of("spark.pagedAttention.onBadRow", onBadRow));
    }

    private static List<String> texts(int count) {
        return IntStream.range(0, count).mapToObj(WordCountTest::words).toList();
    }

    private static String words(int row) {
        return ("word" + row + " ").repeat(1 + row % 7).strip();
    }

    private static Dataset<Row> table(List<String> texts) {
        List<Row> rows = new ArrayList<>();
        for (String text : texts) {
            rows.add(RowFactory.create((long) rows.size(), text, "en"));
        }
        return LocalSpark.table(rows, SCHEMA);
    }

    /** Counts words, and shouts them. */
    private static final class Words implements WorkloadPlan {
        private static final long serialVersionUID = 1;

        @Override
        public Set<String> inputs() {
            return Set.of("text");
        }

        @Override
        public StructType results() {
            return new StructType().add("words", "int").add("upper", "string");
        }

        @Override
        public String withoutResult(String name) {
            return "count something else";
        }

        @Override
        public Workload<String> open(int threads) {
            return new Workload<>() {
                @Override
                public int mostRows() {
                    return 16;
                }

                @Override
                public String read(InternalRow row) throws BadRow {
                    String text = row.getUTF8String(1).toString();
                    if (text.isEmpty()) {
                        throw new BadRow("column text is empty", "words", "none");
                    }
                    return text;
                }

                @Override
                public Batch<String> open(String first) {
                    return new WordBatch(new ArrayList<>());
                }

                @Override
                public Outcome alone(String text) {
                    return new Outcome(
                            new Object[] {1, UTF8String.fromString("ALL " + text)},
                            new Tally().add(Figure.EXACT_ROWS, 1));
                }
            };
        }
    }

    private record WordBatch(List<String> texts) implements Batch<String> {

        @Override
        public boolean takes(String text) {
            return texts.size() < 8;
        }

        @Override
        public boolean add(String text) {
            return !text.equals("alone") && texts.add(text);
        }

        @Override
        public Batch<String> part(int from, int to) {
            return new WordBatch(texts.subList(from, to));
        }

        @Override
        public void start() {}

        @Override
        public void await() {
            if (words() > MEMORY) {
                throw new DeviceMemoryException(words() + " > " + MEMORY);
            }
        }

        @Override
        public Object[] result(int index) throws BadRow {
            String text = texts.get(index);
            if (text.equals("late")) {
                throw new BadRow("the count overflows", "fewer words", text);
            }
            return new Object[] {count(text), UTF8String.fromString(text).toUpperCase()};
        }

        @Override
        public String size(int index) {
            return count(texts.get(index)) + " words";
        }

        @Override
        public Tally tally() {
            return new Tally()
                    .add(Figure.BATCHES, 1)
                    .add(Figure.SEQUENCES, texts.size())
                    .add(Figure.KV_TOKENS, words());
        }

        @Override
        public void close() {}

        private int words() {
            return texts.stream().mapToInt(WordBatch::count).sum();
        }

        private static int count(String text) {
            return text.strip().split(" ").length;
        }
    }
}
