package org.pagedattention.cudnn;

/**
 * A tensor of a graph under construction; its descriptor belongs to the {@link GraphBuilder}.
 *
 * @param shape extents and strides
 * @param descriptor the finished native descriptor
 */
record Tensor(TensorShape shape, Descriptor descriptor) {}
