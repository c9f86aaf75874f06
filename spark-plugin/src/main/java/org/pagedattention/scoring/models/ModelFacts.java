package org.pagedattention.scoring.models;

import java.util.Map;
import org.pagedattention.model.ModelCard;
import org.pagedattention.tensor.ElementType;

/**
 * What is understood of a model's folder.
 *
 * @param description in a line
 * @param maxTokens most tokens of a row, special ones and those of a prompt included
 * @param weights numbers that matrices, gains and biases hold, by how they are stored
 * @param tables numbers of the tables from which tokens and positions choose rows, the same way
 */
public record ModelFacts(
        String description,
        ModelCard card,
        int maxTokens,
        Map<ElementType, Long> weights,
        Map<ElementType, Long> tables) {}
