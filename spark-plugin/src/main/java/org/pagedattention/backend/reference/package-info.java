/**
 * A pass in fp64, each operation as its definition says it and none of it fast: the judge of the other backends, and what
 * {@code verify} compares vectors with. Any thread may use it; each pass belongs to one.
 */
@NullMarked
package org.pagedattention.backend.reference;

import org.jspecify.annotations.NullMarked;
