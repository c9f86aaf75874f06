package org.pagedattention.cudnn.models;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the attentions of a pass have of an earlier one, and leave to a later one. */
final class History {
    private final Recipe recipe;
    private final @Nullable CudnnKept past;
    private @Nullable CudnnKept kept;
    /** Slots of the earlier pass's tokens. */
    private final int before;

    private int attentions;

    /** Keys and values of all slots. */
    record Slots(DeviceTensor keys, DeviceTensor values) {}

    History(Recipe recipe, @Nullable CudnnKept past) {
        this.recipe = recipe;
        this.past = past;
        before = past == null ? 0 : past.tokens();
        if (past != null) {
            if (before == 0) {
                throw past.gone();
            }
            recipe.goOnBehind(past);
        }
    }

    /** Slots of the earlier pass's tokens. */
    int slots() {
        return before;
    }

    /** Has tokens kept. */
    CudnnKept keep(CudnnKept asked) {
        if (kept != null || attentions > 0) {
            throw new IllegalStateException("tokens are kept from the first attention of a pass on, once");
        }
        kept = asked;
        recipe.keep(asked);
        return asked;
    }

    /** The next attention's, of which those to be kept are kept; zeros stand behind them. */
    Slots next(DeviceTensor k, DeviceTensor v) {
        Slots all = new Slots(k, v);
        if (past != null) {
            CudnnKept.Layer layer = past.layer(attentions);
            all = new Slots(below(past, layer.keys(), k), below(past, layer.values(), v));
        }
        if (kept != null) {
            CudnnKept.Layer layer = kept.add(all.keys, all.values);
            recipe.add(new Step.Keep(all.keys, kept, layer.keys()));
            recipe.add(new Step.Keep(all.values, kept, layer.values()));
        }
        attentions++;
        clearBehind(all.keys);
        if (all.values.region() != all.keys.region()) {
            clearBehind(all.values);
        }
        return all;
    }

    /** Pages reach behind the last token, and zero times whatever is there must be zero. */
    private void clearBehind(DeviceTensor x) {
        recipe.add(new Step.Clear(x.region(), x.rows(), Recipe.SLACK_ROWS));
    }

    private DeviceTensor below(CudnnKept kept, CudnnKept.Part part, DeviceTensor x) {
        if (part.type() != x.type() || part.columns() != x.columns()) {
            throw new IllegalArgumentException("an attention of " + x.columns() + " columns in " + x.type()
                    + " goes on behind one of " + part.columns() + " in " + part.type());
        }
        DeviceTensor all = recipe.make(before + x.rows(), x.columns(), x.type());
        recipe.add(new Step.Recall(kept, part, all));
        recipe.add(new Step.Gather(x, all, List.of(new RowRun(0, before, x.rows()))));
        return all;
    }
}
