/**
 * Common prefixes, held once: which tokens of some sequences have to be computed, and the pages through which each sequence
 * sees them. Pure arithmetic on token ids, for any thread; knows no model.
 */
@NullMarked
package org.pagedattention.prefix;

import org.jspecify.annotations.NullMarked;
