package org.pagedattention.scoring;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.executor.ExecutorBackends;
import org.pagedattention.request.Emit;
import org.pagedattention.request.QkvColumns;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.sequences.History;
import org.pagedattention.scoring.sequences.Sequence;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.TensorRef;

/**
 * Attention over tables that hold q, k and v.
 *
 * @param q the query column
 * @param k the key column
 * @param v the value column
 */
record AttentionPlan(TensorColumn q, TensorColumn k, TensorColumn v, ScoringOptions options) implements WorkloadPlan {

    /**
     * Finds the tensor columns.
     *
     * @throws IllegalArgumentException when one is missing or of another type
     */
    static AttentionPlan of(StructType input, ScoringOptions options) {
        AttentionSpec spec = options.spec();
        QkvColumns names = options.columns();
        if (Set.copyOf(names.names()).size() != 3) {
            throw new IllegalArgumentException("columns " + String.join(", ", names.names())
                    + ": q, k and v must be three different columns; set option q, option k and option v");
        }
        Columns table = new Columns("the input", input, 0, spec);
        return new AttentionPlan(table.q(names), table.k(names), table.v(names), options);
    }

    /**
     * A table with tensor columns.
     *
     * @param what it is called
     * @param first position of its first column in the rows that tasks get
     */
    record Columns(String what, StructType table, int first, AttentionSpec spec) {

        TensorColumn q(QkvColumns names) {
            return column(names.q(), "q", spec.queryElements(), spec.queryHeads(), spec.headDim());
        }

        TensorColumn k(QkvColumns names) {
            return column(names.k(), "k", spec.keyElements(), spec.kvHeads(), spec.headDim());
        }

        TensorColumn v(QkvColumns names) {
            return column(names.v(), "v", spec.valueElements(), spec.kvHeads(), spec.valueDim());
        }

        private TensorColumn column(String name, String option, int tokenElements, int heads, int dim) {
            int at = ordinal(name, option);
            String shape = "[tokens, " + heads + " heads, " + dim + "]";
            return TensorColumn.of(table.fields()[at], first + at, spec.type(), tokenElements, shape);
        }

        /**
         * Where a column is in its table.
         *
         * @throws IllegalArgumentException when it is not there
         */
        int ordinal(String name, String option) {
            List<String> names = Arrays.asList(table.fieldNames());
            int at = names.indexOf(name);
            if (at < 0) {
                throw new IllegalArgumentException("column '" + name + "' is not in " + what + ", which has "
                        + String.join(", ", names) + ": name the right one with option " + option);
            }
            return at;
        }
    }

    @Override
    public Set<String> inputs() {
        return Set.copyOf(options.columns().names());
    }

    @Override
    public StructType results() {
        StructType results = new StructType();
        for (Emit emit : options.emit()) {
            results = results.add(emit.column(), type(emit), true);
        }
        return results;
    }

    @Override
    public String withoutResult(String name) {
        return "leave it out of option emit (now "
                + options.emit().stream().map(Emit::column).collect(Collectors.joining(",")) + ")";
    }

    @Override
    public AttentionWorkload open(int threads) {
        AttentionBackend backend = ExecutorBackends.get(
                options.conf().backend().toString(), options.conf().backendSettings(threads));
        return AttentionWorkload.of(this, options.spec().withType(computeType(backend)), backend);
    }

    /** Says which of the tensors holds a number that is not finite in the type that is computed in. */
    BadRow notFinite(Sequence sequence, ElementType type) {
        return found(sequence, type).orElseThrow(AttentionPlan::allFinite);
    }

    /** The same of a row behind a prefix, whose numbers may be what is wrong. */
    BadRow notFinite(History.Query query, ElementType type) {
        return found(query.sequence(), type)
                .or(() -> found(query.history().k(), k, type)
                        .or(() -> found(query.history().v(), v, type))
                        .map(problem -> problem.of("the row's prefix")))
                .orElseThrow(AttentionPlan::allFinite);
    }

    private Optional<BadRow> found(Sequence sequence, ElementType type) {
        return found(sequence.q(), q, type)
                .or(() -> found(sequence.k(), k, type))
                .or(() -> found(sequence.v(), v, type));
    }

    private static Optional<BadRow> found(TensorRef ref, TensorColumn column, ElementType type) {
        int at = ref.firstNonFinite(type);
        return at < 0
                ? Optional.empty()
                : Optional.of(new BadRow(
                        "column " + column.name() + " holds a value that is not finite in " + type,
                        "finite numbers of magnitude up to " + type.largest()
                                + " (option type says how columns are stored, option computeType what to compute in)",
                        ref.element(at) + " at token " + at / column.tokenElements()));
    }

    private static IllegalStateException allFinite() {
        return new IllegalStateException("all numbers of this row are finite");
    }

    private ElementType computeType(AttentionBackend backend) {
        ElementType asked = options.computeType();
        if (asked != null) {
            if (!backend.supports(asked)) {
                throw new IllegalArgumentException("backend " + backend.name() + " cannot compute in " + asked
                        + ": set option computeType to bf16 or fp16, or spark.pagedAttention.backend to cpu");
            }
            return asked;
        }
        ElementType stored = options.spec().type();
        return backend.supports(stored) ? stored : ElementType.BF16;
    }

    private DataType type(Emit emit) {
        DataType floats = DataTypes.createArrayType(DataTypes.FloatType, false);
        return switch (emit) {
            case O -> q.array() ? floats : DataTypes.BinaryType;
            case LSE, POOLED -> floats;
            case SCORE -> DataTypes.DoubleType;
        };
    }
}
