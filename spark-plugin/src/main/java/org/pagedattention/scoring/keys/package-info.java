/**
 * How rows that share a key are spread over tasks: every task gets about as many, however many have one key, and what belongs
 * to a key goes to the tasks that have rows of it. Knows keys by hashes of 64 bits alone; that two keys have one costs a
 * balance and a copy, and nothing else. For the driver, but for {@link org.pagedattention.scoring.keys.KeyPlacement}, which
 * any thread may ask.
 */
@NullMarked
package org.pagedattention.scoring.keys;

import org.jspecify.annotations.NullMarked;
