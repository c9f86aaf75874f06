package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.cpu.CpuBackendProvider;
import org.pagedattention.device.DeviceMemoryException;
import org.pagedattention.executor.ExecutorMetrics;
import org.pagedattention.executor.Figure;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.sequences.Sequence;
import org.pagedattention.tensor.ElementType;

/** A partition is scored as it is read, whatever its size, and leaves nothing behind when it is not read to the end. */
class RowPipelineTest {
    private static final AttentionSpec SPEC = new AttentionSpec(1, 1, 4, 4, ElementType.FP32, Mask.none(), 1);
    private static final StructType SCHEMA = new StructType()
            .add("id", "long")
            .add("q", "binary")
            .add("k", "binary")
            .add("v", "binary");
    private static final ScoringOptions OPTIONS = ScoringOptions.builder(SPEC)
            .conf(PagedAttentionConf.parse(Map.of("spark.pagedAttention.batch.maxSequences", "10")))
            .build();

    private final CountingBackend backend = new CountingBackend();

    @AfterEach
    void nothingIsLeft() {
        assertThat(backend.open).as("batches").isZero();
        assertThat(backend.inputs).as("inputs").isZero();
        backend.close();
    }

    @Test
    void readsNoMoreThanAFewBatchesAhead() {
        Rows rows = new Rows(2000, 2000);
        RowPipeline<Sequence> scorer = scorer(rows);
        for (long id = 0; id < 2000; id++) {
            assertThat(scorer.next().getLong(0)).isEqualTo(id);
            assertThat(rows.given - id).isLessThanOrEqualTo(2 * 2 * 10 + 1);
            assertThat(backend.inputs).isLessThanOrEqualTo(2);
            assertThat(backend.open).isLessThanOrEqualTo(backend.inputs);
        }
        assertThat(scorer.hasNext()).isFalse();
        assertThatThrownBy(scorer::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void closesBatchesUnderWayWhenTheTaskEndsEarly() {
        RowPipeline<Sequence> scorer = scorer(new Rows(100, 100));
        scorer.next();
        scorer.close();
    }

    @Test
    void closesBatchesUnderWayWhenTheInputFails() {
        RowPipeline<Sequence> scorer = scorer(new Rows(100, 35));
        assertThatThrownBy(() -> {
                    while (scorer.hasNext()) {
                        scorer.next();
                    }
                })
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("disk on fire");
        scorer.close();
    }

    @Test
    void cutsBatchesInHalvesWhenTheDeviceRunsOutOfMemory() {
        RowPipeline<Sequence> plenty = scorer(new Rows(100, 100));
        List<byte[]> expected = new ArrayList<>();
        plenty.forEachRemaining(row -> expected.add(row.getBinary(1)));
        backend.room = 9;
        long splits = count(Figure.SPLITS);
        RowPipeline<Sequence> scarce = scorer(new Rows(100, 100));
        for (int id = 0; id < 100; id++) {
            InternalRow row = scarce.next();
            assertThat(row.getLong(0)).isEqualTo(id);
            assertThat(row.getBinary(1)).isEqualTo(expected.get(id));
        }
        assertThat(scarce.hasNext()).isFalse();
        assertThat(count(Figure.SPLITS)).isGreaterThan(splits + 10);
        assertThat(count(Figure.RETRIES)).isGreaterThan(count(Figure.SPLITS));
    }

    @Test
    void triesAgainWhenOneBatchFoundNoMemory() {
        backend.failures = 1;
        RowPipeline<Sequence> scorer = scorer(new Rows(30, 30));
        long splits = count(Figure.SPLITS);
        assertThat(size(scorer)).isEqualTo(30);
        assertThat(count(Figure.SPLITS)).isEqualTo(splits);
    }

    @Test
    void callsASequenceThatDoesNotFitAloneABadRow() {
        backend.room = 6;
        RowPipeline<Sequence> scorer = scorer(new Rows(30, 30));
        assertThatThrownBy(() -> size(scorer))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining("id=6")
                .hasMessageContaining("takes more memory than the device has free")
                .hasMessageContaining("7 query and 7 key tokens: out of memory for 7 tokens, 6 free");
        scorer.close();
    }

    private static int size(Iterator<InternalRow> rows) {
        int size = 0;
        for (; rows.hasNext(); size++) {
            rows.next();
        }
        return size;
    }

    private static long count(Figure figure) {
        return ExecutorMetrics.snapshot().get(figure);
    }

    private RowPipeline<Sequence> scorer(Iterator<InternalRow> rows) {
        AttentionPlan plan = AttentionPlan.of(SCHEMA, OPTIONS);
        RowLayout layout = RowLayout.of(SCHEMA, plan, OPTIONS.conf().onBadRow());
        TaskFigures figures = new TaskFigures(new ScoringCounters(LocalSpark.SESSION.sparkContext()), "here");
        return new RowPipeline<>(
                rows,
                new TaskParts<>(
                        AttentionWorkload.of(plan, SPEC, backend),
                        layout,
                        new BadRows(layout, figures, 0, null),
                        figures));
    }

    /** Rows that are made when asked for; reading fails at {@code failAt}. */
    private static final class Rows implements Iterator<InternalRow> {
        private final int count;
        private final int failAt;
        private int given;

        Rows(int count, int failAt) {
            this.count = count;
            this.failAt = failAt;
        }

        @Override
        public boolean hasNext() {
            return given < count;
        }

        @Override
        public InternalRow next() {
            if (given >= failAt) {
                throw new IllegalStateException("disk on fire");
            }
            byte[] tensor = TestSequences.bytes(ElementType.FP32, new float[4 * (1 + given % 7)]);
            return new GenericInternalRow(new Object[] {(long) given++, tensor, tensor, tensor});
        }
    }

    /** The CPU backend with a count of open batches. */
    private static final class CountingBackend implements AttentionBackend {
        private final AttentionBackend cpu = new CpuBackendProvider().create(BackendSettings.defaults());
        private int inputs;
        private int open;
        private int room = Integer.MAX_VALUE;
        private int failures;

        @Override
        public String name() {
            return cpu.name();
        }

        @Override
        public boolean supports(ElementType type) {
            return cpu.supports(type);
        }

        @Override
        public int scoreExponent() {
            return cpu.scoreExponent();
        }

        @Override
        public BatchInputs inputs(AttentionSpec spec, int queryTokens, int containerTokens) {
            BatchInputs taken = cpu.inputs(spec, queryTokens, containerTokens);
            inputs++;
            return new CountedInputs(taken);
        }

        @Override
        public AttentionBatch open(AttentionSpec spec, PagedBatch pages, boolean wantLse) {
            throw new AssertionError("a batch without inputs");
        }

        @Override
        public AttentionBatch open(AttentionSpec spec, PagedBatch pages, boolean wantLse, BatchInputs written) {
            if (pages.queryTokens() > room || failures-- > 0) {
                throw new DeviceMemoryException(
                        "out of memory for " + pages.queryTokens() + " tokens, " + room + " free");
            }
            open++;
            return new CountedBatch(cpu.open(spec, pages, wantLse, written));
        }

        @Override
        public void close() {
            cpu.close();
        }

        private final class CountedInputs implements BatchInputs {
            private final BatchInputs memory;

            CountedInputs(BatchInputs memory) {
                this.memory = memory;
            }

            @Override
            public ByteBuffer queries() {
                return memory.queries();
            }

            @Override
            public ByteBuffer keys() {
                return memory.keys();
            }

            @Override
            public ByteBuffer values() {
                return memory.values();
            }

            @Override
            public void close() {
                inputs--;
                memory.close();
            }
        }

        private final class CountedBatch implements AttentionBatch {
            private final AttentionBatch batch;

            CountedBatch(AttentionBatch batch) {
                this.batch = batch;
            }

            @Override
            public AttentionSpec spec() {
                return batch.spec();
            }

            @Override
            public PagedBatch pages() {
                return batch.pages();
            }

            @Override
            public ByteBuffer queries() {
                return batch.queries();
            }

            @Override
            public ByteBuffer keys() {
                return batch.keys();
            }

            @Override
            public ByteBuffer values() {
                return batch.values();
            }

            @Override
            public void start() {
                batch.start();
            }

            @Override
            public AttentionOutput await() {
                return batch.await();
            }

            @Override
            public void close() {
                open--;
                batch.close();
            }
        }
    }
}
