package org.pagedattention.scoring;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.jspecify.annotations.Nullable;
import org.pagedattention.scoring.sequences.History;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The rows of queries out of rows sorted by their key, where a history stands before its queries. Holds one history at a
 * time: a copy, since a row is gone when the next one comes.
 */
final class HistoryRows implements Iterator<InternalRow> {
    private final Iterator<InternalRow> rows;
    private final HistoryPlan plan;
    private final UnsafeProjection toKey;
    private @Nullable Keyed current;
    private @Nullable InternalRow next;

    /**
     * A history and its key.
     *
     * @param history null where it is none, for {@code problem}
     */
    private record Keyed(
            UnsafeRow key,
            @Nullable History history,
            @Nullable BadRow problem) {}

    HistoryRows(Iterator<InternalRow> rows, HistoryPlan plan) {
        this.rows = rows;
        this.plan = plan;
        List<Expression> key = List.of(new BoundReference(plan.key(), plan.keyType(), true));
        toKey = UnsafeProjection.create(CollectionConverters.asScala(key).toSeq());
    }

    @Override
    public boolean hasNext() {
        while (next == null && rows.hasNext()) {
            InternalRow row = rows.next();
            if (plan.isHistory(row)) {
                current = follow(row);
            } else {
                next = row;
            }
        }
        return next != null;
    }

    @Override
    public InternalRow next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        InternalRow row = Objects.requireNonNull(next);
        next = null;
        return row;
    }

    /**
     * The history of the row that came last.
     *
     * @throws BadRow when there is none, or it is bad
     */
    History of(InternalRow query) throws BadRow {
        String column = plan.keyName();
        if (query.isNullAt(plan.key())) {
            throw new BadRow("column " + column + " is null", "the key of a " + plan.shared(), "null");
        }
        Keyed found = current;
        if (found == null || !found.key().equals(toKey.apply(query))) {
            throw new BadRow(
                    "no " + plan.shared() + " has the row's key in column " + column,
                    "one " + plan.shared() + " a key",
                    "none");
        }
        if (found.problem() != null) {
            throw found.problem();
        }
        if (found.history() == null) {
            throw new IllegalStateException("a " + plan.shared() + " without keys");
        }
        return found.history();
    }

    private Keyed follow(InternalRow row) {
        UnsafeRow key = toKey.apply(row).copy();
        if (current != null && current.key().equals(key)) {
            return new Keyed(
                    key,
                    null,
                    new BadRow(
                            "several " + (plan.prefixes() ? "prefixes" : "histories") + " have the row's key in column "
                                    + plan.keyName(),
                            "one " + plan.shared() + " a key",
                            "more"));
        }
        InternalRow copy = row.copy();
        try {
            return new Keyed(key, new History(plan.k().read(copy), plan.v().read(copy)), null);
        } catch (BadRow e) {
            return new Keyed(key, null, e.of("the row's " + plan.shared()));
        }
    }
}
