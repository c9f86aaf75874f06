/**
 * The CPU backend beside the fused attention of other libraries: same numbers in, same threads, results compared
 * before any time counts. One thread calls everything here; results that differ throw {@code IllegalStateException}.
 */
@NullMarked
package org.pagedattention.bench;

import org.jspecify.annotations.NullMarked;
