package org.pagedattention.cudnn.graph;

/**
 * A tensor of a graph under construction; its descriptor belongs to the {@link GraphBuilder}.
 *
 * @param shape extents and strides
 * @param descriptor the finished native descriptor
 */
public record Tensor(TensorShape shape, Descriptor descriptor) {}
