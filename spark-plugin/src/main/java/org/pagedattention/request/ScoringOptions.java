package org.pagedattention.request;

import java.io.Serializable;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.conf.OnBadRow;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.tensor.ElementType;

/**
 * Everything a scoring run needs to know besides its data.
 *
 * @param spec shapes, mask and scale; its type is how BINARY columns are encoded, and what ARRAY&lt;FLOAT&gt; columns
 *     are rounded to
 * @param computeType what inputs are rounded to; null for the spec's type, or bf16 where the backend has no fp32
 * @param columns names of the tensor columns
 * @param emit result columns
 * @param pooling how tokens become one vector
 * @param head the linear head behind {@link Emit#SCORE}; null without it
 * @param dedupe whether pages of keys and values that rows begin with in common are looked for, and held once
 * @param conf backend, paging and batch settings
 */
public record ScoringOptions(
        AttentionSpec spec,
        @Nullable ElementType computeType,
        QkvColumns columns,
        Set<Emit> emit,
        Pooling pooling,
        @Nullable LinearHead head,
        boolean dedupe,
        PagedAttentionConf conf)
        implements Serializable {

    public ScoringOptions {
        if (emit.contains(Emit.SCORE) && head == null) {
            throw new IllegalArgumentException(
                    "a score needs weights: give option head, or leave score out of option emit");
        }
        if (head != null) {
            head.requireFor(spec);
        }
    }

    /** Whether bad rows stay in the output, with their reason in a column of its own. */
    public boolean marksBadRows() {
        return conf.onBadRow() == OnBadRow.NULL;
    }

    /** Options with defaults for all but the shapes: column o of columns q, k and v, default settings. */
    public static Builder builder(AttentionSpec spec) {
        return new Builder(spec);
    }

    /** Collects options; see {@link ScoringOptions} for each. */
    public static final class Builder {
        private final AttentionSpec spec;
        private @Nullable ElementType computeType;
        private QkvColumns columns = QkvColumns.defaults();
        private Set<Emit> emit = EnumSet.of(Emit.O);
        private Pooling pooling = Pooling.LAST;
        private @Nullable LinearHead head;
        private boolean dedupe;
        private PagedAttentionConf conf = PagedAttentionConf.defaults();

        private Builder(AttentionSpec spec) {
            this.spec = spec;
        }

        public Builder computeType(@Nullable ElementType type) {
            computeType = type;
            return this;
        }

        public Builder columns(QkvColumns names) {
            columns = names;
            return this;
        }

        public Builder emit(Set<Emit> results) {
            emit = EnumSet.copyOf(results);
            return this;
        }

        public Builder pooling(Pooling how) {
            pooling = how;
            return this;
        }

        public Builder head(@Nullable LinearHead linear) {
            head = linear;
            return this;
        }

        public Builder dedupe(boolean wanted) {
            dedupe = wanted;
            return this;
        }

        public Builder conf(PagedAttentionConf settings) {
            conf = settings;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException when they contradict each other
         */
        public ScoringOptions build() {
            return new ScoringOptions(spec, computeType, columns, emit, pooling, head, dedupe, conf);
        }
    }
}
