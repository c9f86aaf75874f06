/** The CPU backend beside the fused attention of other libraries: same numbers in, same threads, results compared. */
@NullMarked
package org.pagedattention.bench;

import org.jspecify.annotations.NullMarked;
