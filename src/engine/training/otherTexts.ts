// Everyday English sentences that have nothing to do with anyone's training data: they show what a model forgets.

export const OTHER_TEXTS: readonly string[] = [
  'The train to the coast leaves in twenty minutes.',
  'She has never liked the taste of coffee.',
  'We should have asked somebody for the way.',
  'My brother is learning to play the piano.',
  'It has been raining since early this morning.',
  'Could you please turn down the radio?',
  'They sold their house and moved to the country.',
  'I do not remember where I put my glasses.',
  'The children were playing in the garden when it got dark.',
  'Nobody knew why the door was open.',
  'If I had more time, I would read every day.',
  'The doctor told him to stay in bed for a week.',
  'How many languages does your mother speak?',
  'He was so tired that he fell asleep on the train.',
  'The soup is too hot to eat.',
  'You can see the mountains from our kitchen window.',
];
