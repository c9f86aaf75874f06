/**
 * What all work on one device shares, whatever it computes: memory pools, lanes, plans, and the bound on how much is there
 * at once. For any thread; who gives a lane work holds its lock meanwhile. Who asks for a place may wait for older work
 * to end, never for another thread to do something; {@link org.pagedattention.gpu.GpuOutOfMemoryException} says that
 * there is too little memory even with all of it ended.
 */
@NullMarked
package org.pagedattention.cudnn.device;

import org.jspecify.annotations.NullMarked;
