package org.pagedattention.sql;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.scoring.BadRow;
import org.pagedattention.scoring.Batch;
import org.pagedattention.scoring.Outcome;
import org.pagedattention.scoring.Workload;
import org.pagedattention.scoring.WorkloadPlan;

/**
 * A plan by which rows with a null text have null results, as functions of SQL have it.
 *
 * @param plan for the other rows
 * @param texts positions of the texts
 * @param usedUp columns that do not come out again
 */
record NullTexts(WorkloadPlan plan, List<Integer> texts, Set<String> usedUp) implements WorkloadPlan {

    @Override
    public Set<String> inputs() {
        Set<String> all = new TreeSet<>(plan.inputs());
        all.addAll(usedUp);
        return all;
    }

    @Override
    public StructType results() {
        return plan.results();
    }

    @Override
    public String withoutResult(String name) {
        return plan.withoutResult(name);
    }

    @Override
    public Workload<?> open(int threads) {
        return new Rows<>(plan.open(threads), texts);
    }

    private record Rows<I>(Workload<I> workload, List<Integer> texts) implements Workload<I> {

        @Override
        public int mostRows() {
            return workload.mostRows();
        }

        @Override
        public @Nullable I read(InternalRow row) throws BadRow {
            return texts.stream().anyMatch(row::isNullAt) ? null : workload.read(row);
        }

        @Override
        public Batch<I> open(I first) {
            return workload.open(first);
        }

        @Override
        public Outcome alone(I item) throws BadRow {
            return workload.alone(item);
        }

        @Override
        public void close() {
            workload.close();
        }
    }
}
