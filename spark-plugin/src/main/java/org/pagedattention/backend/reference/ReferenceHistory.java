package org.pagedattention.backend.reference;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What the attentions of a pass have of an earlier one, and leave to a later one. */
final class ReferenceHistory {
    private final @Nullable ReferenceKept past;
    private @Nullable ReferenceKept kept;
    private int attentions;

    ReferenceHistory(@Nullable ReferenceKept past) {
        this.past = past;
    }

    ReferenceKept keep(int[] slots) {
        ReferenceKept asked = new ReferenceKept(slots.clone());
        kept = asked;
        return asked;
    }

    /** The keys and values of all slots at the next attention. */
    ReferenceKept.Layer next(Matrix k, Matrix v) {
        ReferenceKept.Layer all = new ReferenceKept.Layer(k, v);
        if (past != null) {
            ReferenceKept.Layer before = past.layers().get(attentions);
            all = new ReferenceKept.Layer(below(before.keys(), k), below(before.values(), v));
        }
        if (kept != null) {
            kept.layers()
                    .add(new ReferenceKept.Layer(rows(all.keys(), kept.slots()), rows(all.values(), kept.slots())));
        }
        attentions++;
        return all;
    }

    private static Matrix below(Matrix first, Matrix second) {
        double[] both = Arrays.copyOf(first.values(), first.values().length + second.values().length);
        System.arraycopy(second.values(), 0, both, first.values().length, second.values().length);
        return new Matrix(first.rows() + second.rows(), first.columns(), both);
    }

    private static Matrix rows(Matrix x, int[] rows) {
        Matrix some = Matrix.zeros(rows.length, x.columns());
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(x.values(), rows[i] * x.columns(), some.values(), i * x.columns(), x.columns());
        }
        return some;
    }
}
