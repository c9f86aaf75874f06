package org.pagedattention.cudnn.models;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Activation;
import org.pagedattention.cudnn.graph.DataType;
import org.pagedattention.cudnn.graph.GraphKey;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.tensor.ElementType;

/** How probable targets are. Logits, in fp32, are there for some rows at a time, and four questions are asked of them. */
record Probabilities(Recipe recipe, Constants constants) {
    private static final int ROWS = 1024;

    /** Of each row: its target's column, and what its logits say. */
    private record Answers(
            DeviceTensor target, DeviceTensor most, DeviceTensor sum, DeviceTensor at, DeviceTensor before) {}

    DeviceTensor of(DeviceTensor x, CudnnWeight head, int[] targets) {
        DeviceTensor result = recipe.make(x.rows(), 2, ElementType.FP32);
        return recipe.scope(() -> {
            Answers answers = new Answers(send(targets), column(x), column(x), column(x), column(x));
            ask(x, head, answers);
            recipe.add(new Step.Clear(result.region(), 0, result.rows()));
            recipe.add(new Step.Copy(probability(false, answers), result, 0));
            recipe.add(new Step.Copy(probability(true, answers), result, 1));
            return result;
        });
    }

    private DeviceTensor column(DeviceTensor x) {
        return recipe.makeColumn(x.rows());
    }

    private DeviceTensor send(int[] targets) {
        MemoryBlock host = recipe.input((long) targets.length * Float.BYTES);
        FloatBuffer floats = host.buffer().asFloatBuffer();
        for (int i = 0; i < targets.length; i++) {
            floats.put(i, targets[i]);
        }
        DeviceTensor sent = recipe.makeColumn(targets.length);
        recipe.add(new Step.Upload(host.address(), sent));
        return sent;
    }

    private void ask(DeviceTensor x, CudnnWeight head, Answers answers) {
        int vocabulary = head.shape().rows();
        // what is computed for x is a multiple of it
        int rows = Math.min(ROWS, recipe.launchRows(x.rows()));
        DeviceTensor logits = recipe.make(rows, vocabulary, ElementType.FP32);
        for (int first = 0; first < x.rows(); first += rows) {
            multiply(x, first, head, logits);
            ask(LogitsGraph.Question.MAX, logits, null, first, answers.most);
            ask(LogitsGraph.Question.SUM_EXP, logits, answers.most, first, answers.sum);
            ask(LogitsGraph.Question.AT, logits, answers.target, first, answers.at);
            ask(LogitsGraph.Question.MAX_BEFORE, logits, answers.target, first, answers.before);
        }
    }

    private void multiply(DeviceTensor x, int firstRow, CudnnWeight head, DeviceTensor logits) {
        boolean pads = logits.width() > logits.columns();
        LinearGraph graph = new LinearGraph(
                x.dataType(),
                DataType.FLOAT,
                logits.rows(),
                x.width(),
                logits.width(),
                x.stride(),
                logits.stride(),
                pads ? DataType.FLOAT : null,
                Activation.NONE,
                null,
                recipe.steady());
        List<Step.At> at = new ArrayList<>(List.of(
                Step.At.rows(PassTensor.X, x, firstRow),
                Step.At.fixed(PassTensor.WEIGHT, head.matrix()),
                Step.At.rows(PassTensor.Y, logits)));
        if (pads) {
            long address = constants.nothingBehind(logits.columns()).vector(ElementType.FP32);
            at.add(Step.At.fixed(PassTensor.BIAS, address));
        }
        launch(graph, logits.rows(), at);
    }

    private void ask(
            LogitsGraph.Question question,
            DeviceTensor logits,
            @Nullable DeviceTensor number,
            int firstRow,
            DeviceTensor answer) {
        LogitsGraph graph = new LogitsGraph(question, logits.rows(), logits.width());
        List<Step.At> at = new ArrayList<>(
                List.of(Step.At.rows(PassTensor.X, logits), Step.At.rows(PassTensor.Y, answer, firstRow)));
        if (number != null) {
            at.add(Step.At.rows(PassTensor.COLUMN, number, firstRow));
        }
        if (question == LogitsGraph.Question.AT || question == LogitsGraph.Question.MAX_BEFORE) {
            at.addAll(numbers());
            long index = constants.index(logits.width()).vector(ElementType.FP32);
            at.add(Step.At.fixed(PassTensor.INDEX, index));
        }
        launch(graph, logits.rows(), at);
    }

    private List<Step.At> numbers() {
        return List.of(
                Step.At.fixed(PassTensor.ZERO, constants.number(0)),
                Step.At.fixed(PassTensor.ONE, constants.number(1)),
                Step.At.fixed(PassTensor.HUGE, constants.number(Constants.HUGE)));
    }

    private void launch(GraphKey graph, int rows, List<Step.At> at) {
        recipe.require(graph);
        recipe.add(new Step.Launch(graph, List.copyOf(at), 1, rows));
    }

    private DeviceTensor probability(boolean greedy, Answers answers) {
        int rows = answers.at.rows();
        ProbabilityGraph graph = new ProbabilityGraph(greedy, recipe.launchRows(rows));
        recipe.require(graph);
        DeviceTensor y = recipe.makeColumn(rows);
        List<Step.At> at = new ArrayList<>(List.of(
                Step.At.rows(PassTensor.X, answers.at),
                Step.At.rows(PassTensor.MOST, answers.most),
                Step.At.rows(PassTensor.SUM, answers.sum),
                Step.At.rows(PassTensor.BEFORE, answers.before),
                Step.At.rows(PassTensor.Y, y)));
        at.addAll(numbers());
        recipe.launch(graph, rows, at.toArray(Step.At[]::new));
        return y;
    }
}
