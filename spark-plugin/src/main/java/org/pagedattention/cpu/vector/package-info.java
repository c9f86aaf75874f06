/**
 * CPU attention with {@code jdk.incubator.vector}. Nothing outside names these classes: they are loaded by name, and
 * only where the module is.
 */
@NullMarked
package org.pagedattention.cpu.vector;

import org.jspecify.annotations.NullMarked;
