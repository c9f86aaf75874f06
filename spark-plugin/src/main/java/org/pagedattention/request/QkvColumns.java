package org.pagedattention.request;

import java.io.Serializable;
import java.util.List;

/**
 * Names of the tensor columns.
 *
 * @param q {@code [queries, queryHeads, headDim]} a row
 * @param k {@code [keys, kvHeads, headDim]} a row
 * @param v {@code [keys, kvHeads, valueDim]} a row
 */
public record QkvColumns(String q, String k, String v) implements Serializable {

    /** Columns named q, k and v. */
    public static QkvColumns defaults() {
        return new QkvColumns("q", "k", "v");
    }

    public List<String> names() {
        return List.of(q, k, v);
    }
}
