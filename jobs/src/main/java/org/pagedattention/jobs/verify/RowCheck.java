package org.pagedattention.jobs.verify;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.ReferenceAttention;
import org.pagedattention.request.Emit;
import org.pagedattention.request.LinearHead;
import org.pagedattention.request.Pooling;
import org.pagedattention.request.QkvColumns;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Tolerance;

/**
 * Computes one row in fp64 and compares what was written.
 *
 * @param asked what the job was asked for; its result columns are those to compare
 * @param key the column that says which history has the row's k and v; null where the row has them itself
 * @param prefix whether the row has others of its own behind these
 */
record RowCheck(ScoringOptions asked, @Nullable String key, boolean prefix) implements Comparison {

    @Override
    public Map<String, String> inputs() {
        QkvColumns columns = asked.columns();
        Map<String, String> inputs = new HashMap<>(Map.of("q", columns.q()));
        if (key != null) {
            inputs.put(HistoryTable.ASKED, key);
        }
        if (key == null || prefix) {
            inputs.putAll(Map.of("k", columns.k(), "v", columns.v()));
        }
        return inputs;
    }

    @Override
    public List<String> noKeys() {
        return key == null || prefix
                ? asked.columns().names()
                : List.of(asked.columns().q());
    }

    @Override
    public List<String> results() {
        return asked.emit().stream().map(Emit::column).toList();
    }

    @Override
    public void check(Row row, String name, Verdict verdict) {
        if (key != null
                && (row.isNullAt(row.fieldIndex(HistoryTable.K)) || row.isNullAt(row.fieldIndex(HistoryTable.V)))) {
            verdict.row("row " + name + " has results, but no single " + (prefix ? "prefix" : "history")
                    + " with k and v has its " + key);
            return;
        }
        ReferenceAttention.Result reference = ReferenceAttention.attend(
                asked.spec(), tensor(row, "q"), all(row, HistoryTable.K, "k"), all(row, HistoryTable.V, "v"));
        String problem = "";
        for (Emit emit : asked.emit()) {
            String found = compare(row, emit, expected(emit, reference), name, verdict);
            problem = problem.isEmpty() ? found : problem;
        }
        verdict.row(problem);
    }

    /** The tensor of the other table, and the row's own behind it. */
    private float[] all(Row row, String shared, String own) {
        if (key == null) {
            return tensor(row, own);
        }
        float[] first = tensor(row, shared);
        if (!prefix) {
            return first;
        }
        float[] second = tensor(row, own);
        float[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    private float[] tensor(Row row, String column) {
        return PlainTensors.read(row, column, asked.spec().type(), computeType());
    }

    /** What the job rounded its inputs to, as far as that is known here. */
    private ElementType computeType() {
        ElementType type = asked.computeType();
        return type == null ? asked.spec().type() : type;
    }

    private String compare(Row row, Emit emit, Expected expected, String name, Verdict verdict) {
        return row.isNullAt(row.fieldIndex(emit.column()))
                ? emit.column() + " of row " + name + " is null"
                : expected.compare(emit.column(), actual(row, emit), name, verdict);
    }

    private double[] actual(Row row, Emit emit) {
        if (emit == Emit.SCORE) {
            return new double[] {row.getDouble(row.fieldIndex(emit.column()))};
        }
        return PlainTensors.widened(
                PlainTensors.read(row, emit.column(), asked.spec().type()));
    }

    private Expected expected(Emit emit, ReferenceAttention.Result reference) {
        return switch (emit) {
            case O -> new Expected(reference.o(), tolerance());
            case LSE -> new Expected(reference.lse(), lseTolerance());
            case POOLED -> new Expected(pool(reference.o()), tolerance());
            case SCORE -> score(pool(reference.o()));
        };
    }

    /** That of the coarser of the two types that the numbers went through. */
    private Tolerance tolerance() {
        Tolerance stored = Tolerance.of(asked.spec().type());
        Tolerance computed = Tolerance.of(computeType());
        return stored.atol() > computed.atol() ? stored : computed;
    }

    /** The LSE is fp32 whatever the inputs are, but its error grows with the scores. */
    private Tolerance lseTolerance() {
        return computeType() == ElementType.FP32 ? new Tolerance(2e-5, 1e-5) : new Tolerance(2e-3, 2e-3);
    }

    private double[] pool(double[] o) {
        int width = asked.spec().outputElements();
        double[] pooled = new double[width];
        int tokens = o.length / width;
        int first = asked.pooling() == Pooling.LAST ? Math.max(0, tokens - 1) : 0;
        for (int t = first; t < tokens; t++) {
            for (int e = 0; e < width; e++) {
                pooled[e] += o[t * width + e] / (tokens - first);
            }
        }
        return pooled;
    }

    /** A score may be off by what its pooled elements may be off by, each times its weight. */
    private Expected score(double[] pooled) {
        LinearHead head = asked.head();
        if (head == null) {
            throw new IllegalStateException("scores are compared only with a head");
        }
        double sum = head.bias();
        double slack = 1e-9;
        for (int i = 0; i < pooled.length; i++) {
            sum += head.weights()[i] * pooled[i];
            slack += Math.abs(head.weights()[i])
                    * (tolerance().atol() + tolerance().rtol() * Math.abs(pooled[i]));
        }
        boolean sigmoid = head.activation() == LinearHead.Activation.SIGMOID;
        double value = sigmoid ? 1 / (1 + Math.exp(-sum)) : sum;
        // the sigmoid is nowhere steeper than 1/4
        return new Expected(new double[] {value}, new Tolerance(sigmoid ? slack / 4 : slack, 0));
    }
}
