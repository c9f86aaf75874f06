package org.pagedattention.inference;

import org.pagedattention.model.TokenIds;

/**
 * A row that a model can take.
 *
 * @param tokens special ones included
 * @param truncated whether its text has tokens that are not here
 */
public record PreparedRow(TokenIds tokens, boolean truncated) {}
