package org.pagedattention.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.rapids.cudf.Cuda;
import ai.rapids.cudf.Rmm;
import ai.rapids.cudf.RmmAllocationMode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Figure;
import org.pagedattention.gpu.InjectedFailures;
import org.pagedattention.gpu.cudf.CudfPresence;
import org.pagedattention.request.Emit;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.LocalSpark;
import org.pagedattention.scoring.SequenceScorer;
import org.pagedattention.tensor.ElementType;

/** The direct path beside the row path, in a process where somebody else has taken nearly all GPU memory for cuDF. */
@Tag("gpu")
class DirectScoringTest {
    private static final int ROWS = 300;
    private static final int TOKEN_BYTES = 4 * 64 * 2;
    private static final long LEFT = 3L << 30;

    private static final SparkSession SPARK = LocalSpark.SESSION;

    @TempDir
    private static Path folder;

    private static Dataset<Row> table;

    @BeforeAll
    static void takeMemoryFirst() {
        Optional<String> problem = CudfPresence.unavailable();
        if (problem.isPresent()) {
            if (System.getProperty("pagedattention.requiredBackend", "").equals("cudnn")) {
                fail("backend 'cudnn' is required and cuDF cannot work here: " + problem.get());
            }
            assumeTrue(false, problem.get());
        }
        Cuda.setDevice(0);
        Rmm.initialize(RmmAllocationMode.POOL, null, (Cuda.memGetInfo().free - LEFT) / 512 * 512);
        String input = folder.resolve("in").toString();
        Random random = new Random(1);
        List<Row> rows = new ArrayList<>();
        for (long id = 0; id < ROWS; id++) {
            int tokens = id % 50 == 7 ? 0 : 1 + random.nextInt(400);
            rows.add(RowFactory.create(
                    id, tensor(random, tokens), tensor(random, tokens), tensor(random, tokens), "row " + id));
        }
        StructType schema = new StructType()
                .add("id", "long")
                .add("q", "binary")
                .add("k", "binary")
                .add("v", "binary")
                .add("name", "string");
        SPARK.createDataFrame(rows, schema)
                .repartition(3)
                .write()
                .option("parquet.block.size", 8 << 20)
                .parquet(input);
        table = SPARK.read().parquet(input);
    }

    @Test
    void givesTheSameRowsInMemoryOfSomebodyElse() {
        ScoringOptions options = options(EnumSet.of(Emit.O, Emit.LSE, Emit.POOLED));
        long before = Rmm.getTotalBytesAllocated();
        assertSameRows(new SequenceScorer(options).score(table), direct(options, "all", 0));
        assertThat(Rmm.getTotalBytesAllocated()).isEqualTo(before);
    }

    @Test
    void givesTheSameRowsWhereMemoryRunsOut() {
        ScoringOptions options = options(EnumSet.of(Emit.O, Emit.POOLED));
        Dataset<Row> expected = direct(options, "calm", 0).cache();
        int split = 0;
        for (int nth = 1; nth <= 15; nth++) {
            InjectedFailures.failNth(nth);
            assertSameRows(expected, direct(options, "failing-" + nth, -1));
            split += lastSplits > 0 ? 1 : 0;
        }
        assertThat(split).as("runs with splits").isGreaterThan(5);
    }

    @Test
    void leavesLargeNumbersToTheRowPath() {
        String path = folder.resolve("large").toString();
        byte[] large = new byte[TOKEN_BYTES];
        Arrays.fill(large, (byte) 0x7b);
        SPARK.createDataFrame(List.of(RowFactory.create(1L, large, large, large, "row")), table.schema())
                .write()
                .parquet(path);
        DirectScorer scorer = DirectScorer.plan(SPARK.read().parquet(path), options(EnumSet.of(Emit.O)));
        assertThatThrownBy(() -> scorer.write(folder.resolve("large-out").toString(), false))
                .hasStackTraceContaining("columns q and k hold values of magnitude up to 61280.0 and 61280.0")
                .hasStackTraceContaining("scores may be too large for the GPU");
    }

    private static long lastSplits;

    /** A fresh table of results. */
    private static Dataset<Row> direct(ScoringOptions options, String name, long failNth) {
        if (failNth >= 0) {
            InjectedFailures.failNth(failNth);
        }
        String output = folder.resolve(name).toString();
        DirectResult result = DirectScorer.plan(table, options).write(output, false);
        InjectedFailures.failNth(0);
        assertThat(result.tally().get(Figure.SEQUENCES)).isEqualTo(ROWS);
        lastSplits = result.tally().get(Figure.SPLITS);
        return SPARK.read().parquet(output);
    }

    private static void assertSameRows(Dataset<Row> expected, Dataset<Row> actual) {
        assertThat(actual.columns()).isEqualTo(expected.columns());
        List<Row> wanted = expected.orderBy("id").collectAsList();
        List<Row> found = actual.orderBy("id").collectAsList();
        assertThat(found).hasSameSizeAs(wanted);
        for (int i = 0; i < wanted.size(); i++) {
            for (int column = 0; column < wanted.get(i).size(); column++) {
                Object want = wanted.get(i).get(column);
                Object find = found.get(i).get(column);
                if (want instanceof byte[] bytes) {
                    assertClose(bytes, (byte[]) find);
                } else if (want instanceof scala.collection.Seq<?> floats) {
                    assertThat(((scala.collection.Seq<?>) find).size()).isEqualTo(floats.size());
                } else {
                    assertThat(find).isEqualTo(want);
                }
            }
        }
    }

    /** cuDNN chooses its plan by the whole batch, so the last bit of 16 may differ. */
    private static void assertClose(byte[] wanted, byte[] found) {
        assertThat(found).hasSameSizeAs(wanted);
        if (!Arrays.equals(wanted, found)) {
            float[] a = floats(wanted);
            float[] b = floats(found);
            for (int i = 0; i < a.length; i++) {
                assertThat(b[i]).isCloseTo(a[i], org.assertj.core.data.Offset.offset(2e-3f));
            }
        }
    }

    private static float[] floats(byte[] bytes) {
        float[] floats = new float[bytes.length / 2];
        ElementType.FP16.read(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), 0, floats, floats.length);
        return floats;
    }

    private static ScoringOptions options(EnumSet<Emit> emit) {
        AttentionSpec spec = new AttentionSpec(4, 4, 64, 64, ElementType.FP16, Mask.causal(), 0.125f);
        return ScoringOptions.builder(spec)
                .emit(emit)
                .conf(PagedAttentionConf.parse(Map.of("spark.pagedAttention.backend", "cudnn")))
                .build();
    }

    /** Numbers of magnitude 1/128 to 2. */
    private static byte[] tensor(Random random, int tokens) {
        ByteBuffer bytes = ByteBuffer.allocate(tokens * TOKEN_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            int exponent = 8 + random.nextInt(8);
            bytes.putShort((short) (random.nextInt(2) << 15 | exponent << 10 | random.nextInt(1024)));
        }
        return bytes.array();
    }
}
