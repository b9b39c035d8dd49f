"""Questions of our own, of every kind that has options, to measure answers with."""

from __future__ import annotations

from typing import Final

_TEXT: Final = """\
Which product would be bought together with a bread knife?
0. snow shovel
1. cutting board
2. bicycle pump
3. bath towel
Answer:

Which attribute does a laptop sleeve most likely have?
0. screen size it fits
1. fat content
2. sheet count
3. wheel diameter
Answer:

The product 'Mountain Spring Sparkling Water, 12 cans of 330 ml' is sold in a shop. How much
water is that in all?
0. 330 ml
1. 1.2 litres
2. 3.96 litres
3. 39.6 litres
Answer:

What is the relation from the query 'tea kettle' to the query 'electric tea kettle'?
0. irrelevant
1. narrowing
2. substitute
3. complement
Answer:

Rank these products by how relevant they are to the query 'rechargeable bicycle light'.
1. USB rechargeable front and rear bike light set, 400 lumen
2. Bicycle bell, brass
3. LED head torch with batteries
4. Bike light bracket, universal
5. Desk lamp, dimmable
Output a permutation of the numbers, with commas between.
Output:

Rank these products by how relevant they are to the query 'gluten free pasta fusilli'.
1. Lentil fusilli, gluten free, 500 g
2. Wheat spaghetti no. 5
3. Rice noodles, wide
4. Corn and rice fusilli without gluten
5. Pasta pot with strainer, 5 litres
Output a permutation of the numbers, with commas between.
Output:

Rank these products by how relevant they are to the query 'waterproof hiking boots women'.
1. Women's leather hiking boots, waterproof membrane
2. Men's running shoes
3. Wool socks
4. Waterproofing spray for shoes
5. Women's trail shoes, not waterproof
Output a permutation of the numbers, with commas between.
Output:

Rank these products by how relevant they are to the query 'baby monitor with camera'.
1. Video baby monitor, 5 inch screen, night vision
2. Audio baby monitor
3. Pram umbrella
4. Indoor security camera
5. Baby bottle warmer
Output a permutation of the numbers, with commas between.
Output:

A customer has just bought a 'Beginner acrylic paint set, 24 colours'. Select the 3 products
that they may also buy.
1. Canvas panels, pack of 12
2. Tyre pressure gauge
3. Brush set for acrylics
4. Dog lead
5. Table easel, beech
6. Coffee filters
7. Phone case
8. Garden hose
9. Rice cooker
Output three numbers, with commas between.
Output:

You are given a review: 'The blender is loud but crushes ice in seconds, and the jug is easy to
rinse.' Select the 3 aspects that it speaks of.
1. noise
2. colour
3. ease of cleaning
4. delivery
5. performance
6. price
7. size
8. smell
Output three numbers, with commas between.
Output:

A user searched for 'tent', clicked on 'Four person dome tent', and searched for 'sleeping mat'.
Select the 3 queries that are most likely next.
1. camping stove
2. wedding shoes
3. sleeping bag
4. printer ink
5. inflatable pillow
6. tie rack
Output three numbers, with commas between.
Output:

Select the 3 phrases that a happy buyer of a 'desk lamp' would most likely write.
1. warm, even light
2. tastes fresh
3. fits my foot
4. bright enough to read
5. easy to dim
6. shrank in the wash
Output three numbers, with commas between.
Output:
"""

OWN: Final[tuple[str, ...]] = tuple(_TEXT.strip().split("\n\n"))
"""A question each, as somebody would send it."""
