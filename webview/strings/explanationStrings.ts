// The short explanations of views that have no strings file of their own.

export const explanationStrings = {
  title: 'What is this?',
  attention: [
    'Every token asks with a query q; every token offers a key k and a value v. The dot products of q with all keys, divided by √d_k, are the scores; a mask is added, and the softmax over a row turns them into weights that add up to 1: softmax(Q·Kᵀ ÷ √d_k + M), section 3.2.1 of the paper. The token’s new content is the sum of the values, each times its weight.',
    'A layer has h heads with projections of their own (section 3.2.2), so that each can look for something else. Encoders look at the whole text; decoders look at what stands before, and in cross-attention at the encoder’s text (section 3.2.3).',
    'A weight says what is read, not whether the output depends on it: see the Attribution and Experiments views.',
  ],
  experiments: [
    'A question changes the model in one place, runs it again on the same text, and compares: weights, scores, the distribution at every position by KL(p ‖ q) = Σ p · ln(p ÷ q), and the translation. The finding is made from the numbers of this run; another text or model may say the opposite.',
    'Interventions can be kept: then every view shows the changed model until they are switched off. All together make a recipe, which can be saved and opened on another text or model. With everything at its neutral setting the model gives the outputs it gives unchanged.',
    'Scaling is section 3.2.1 of the paper, heads 3.2.2, masks 3.2.3, the residual stream and its norms 3.1, positions 3.5; Voita et al. 2019 asked which heads a translator can do without.',
  ],
} as const;
