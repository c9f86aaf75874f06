/** Texts in, vectors or classes out: a model and its tokenizer together, over lists of rows. Knows nothing of Spark. */
@NullMarked
package org.pagedattention.inference;

import org.jspecify.annotations.NullMarked;
