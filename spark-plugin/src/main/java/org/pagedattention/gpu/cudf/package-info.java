/**
 * cuDF as a resource: its memory pools, its errors and pinned memory of any size. Loaded only where somebody asked for
 * columns in GPU memory; everything else works without cuDF on the class path.
 */
@NullMarked
package org.pagedattention.gpu.cudf;

import org.jspecify.annotations.NullMarked;
