"""What the shop stocks to play with, read, write on and feed to pets.

The notation is explained in `service.demo.vocabulary`.
"""

from __future__ import annotations

from typing import Final

TOYS: Final = """
[Board Games] by Kobold Games, Meeple Yard, Rook & Raven
Strategy Board Game | 19-79 | Harbour Masters Strategy Board Game / Kingdoms of Salt Board Game
 / Orchard Barons Board Game / The Last Lighthouse Board Game / Canal Kings Strategy Board Game
 / Moss and Moor Board Game / Clockwork Borough Board Game / Red Planet Railways Board Game
 | - / 5-6 Player Expansion | Gifts | x15
Party Game | 12-35 | Wrong Answers Loudly Party Game / Doodle Relay Drawing Game
 / Fib Factory Party Game / Hummingbirds Charades Game / Two Truths and a Goat Card Game
 / Who Ate My Sandwich Family Game | - / Travel Edition | Gifts | x10
Card Game | 6-19 | Foxes and Geese Card Game / Badger Snap Card Game / Pocket Pirates Card Game
 / Tide and Time Card Game / Wizard's Supper Card Game / Ten Little Ducks Card Game
 | - / Travel Edition / Limited Edition | Gifts, Travel | x12
Classic Game | 9-69 | Rook & Raven Wooden Chess Set / Rook & Raven Backgammon Set
 / Rook & Raven Dominoes in Tin / Rook & Raven Walnut Draughts / Rook & Raven Mahjong Set
 / Rook & Raven Folding Cribbage Board | - / Travel Edition | Gifts | x9

[Jigsaw Puzzles] Blue Heron+, Kobold, Plainly-
500-Piece Jigsaw Puzzle | 8-19 | - | Autumn Woodland / The Bookshop / Harbour at Dawn / Sleepy Cats
 / Sweet Shop | Gifts
1000-Piece Jigsaw Puzzle | 10-25 | - | Alpine Meadow / Lighthouse at Dusk / Old Town Market
 / Botanical Chart / Christmas Village / Map of the Stars | Gifts | x14
Kids' Jigsaw Puzzle | 5-16 | Floor / 48-Piece / Wooden | Dinosaurs / Farm Animals / Space / Ocean
 | Kids

[Building Sets] Stackadoo, Brightbrick+
Building Bricks Set | 12-89 | City Fire Station / Space Base / Farmyard / Pirate Island / Race Car
 / Treehouse | 180 Pieces / 420 Pieces | Kids, Gifts | x12
Magnetic Tiles | 19-89 | Clear / Pastel / Glow | 32 Pieces / 64 Pieces / 100 Pieces | Kids, Gifts
Marble Run | 15-69 | Wooden / Starter / Mega | 50 Pieces / 120 Pieces | Kids, Gifts

[Soft Toys] Wumble & Friends, Little Orrin+
Soft Toy | 9-39 | Bashful Bear / Floppy Rabbit / Sleepy Fox / Highland Cow / Baby Penguin / Otter
 / Sloth | Small / Medium / Large | Kids, Gifts | x16
Hand Puppet | 8-25 | Crocodile / Owl / Badger / Wolf | - | Kids
Baby Comforter | 9-22 | Rabbit / Elephant / Lamb | Cream / Sage | Kids, Gifts, Nursery

[Wooden Toys] Oakley Toyworks, Tuppence
Wooden Train Set | 19-99 | Starter / Farm / Mountain | 30 Pieces / 60 Pieces | Kids, Gifts
Stacking Blocks | 9-35 | Rainbow / Alphabet / Pastel | - | Kids, Gifts
Play Kitchen | 49-149 | Wooden / Compact / Corner | White / Sage | Kids, Gifts | x5
Wooden Play Food | 9-29 | Fruit / Vegetable / Birthday Cake / Breakfast | - | Kids
Push-Along Toy | 9-35 | Duck / Snail / Dachshund | - | Kids, Gifts
Balance Bike | 35-119 | Wooden / Metal | Red / Mint / Blue | Kids, Outdoor | x6

[Outdoor Play] Finfolk, Volleyard, Plainly-
Paddling Pool | 9-59 | Inflatable / Rigid / Splash | 100 cm / 150 cm | Kids, Outdoor
Kite | 9-39 | Delta / Stunt / Kids' Dragon | - | Kids, Outdoor
Football | 6-35 | Match / Training / Kids' | Size 3 / Size 4 / Size 5 | Kids, Outdoor
Bubble Machine | 8-29 | Rechargeable / Handheld | - | Kids, Outdoor
Sandpit Toys | 5-22 | Recycled Plastic / Silicone / Wooden-Handled | Set of 4 / Set of 8
 | Kids, Outdoor
Scooter | 25-99 | Three-Wheel / Folding / Stunt | Teal / Pink / Black | Kids, Outdoor

[Craft Kits] Gluepot & Co, Blue Heron+
Kids' Craft Kit | 7-25 | Pom-Pom Animals / Loom Bands / Paper Dinosaurs / Friendship Bracelets
 / Sew-Your-Own Fox | - | Kids, Gifts
Candle-Making Kit | 15-39 | Soy Wax / Beeswax | - | Gifts
Embroidery Kit | 9-29 | Wildflowers / Moon & Stars / Robin | - | Gifts
Knitting Kit | 15-49 | Beginner's Scarf / Chunky Beanie / Baby Blanket | Cream / Mustard | Gifts
Modelling Clay | 4-19 | Air-Dry / Oven-Bake / Kids' Soft | 6 Colours / 12 Colours | Kids

[Science Kits] Beaker Street
Kids' Science Kit | 12-49 | Crystal-Growing / Volcano / Solar Robot / Fossil Dig / Slime Lab
 / Kitchen Chemistry / First Electronics / Weather Station / Bug Safari | - | Kids, Gifts | x9
"""

BOOKS: Final = """
[Fiction] by Harbour Lane, Pale Fox Press, Wren & Marlow
Novel | 7-22 | The Salt Orchard / A Season of Small Boats / The Clockmaker's Sister
 / Winter at Mill Row
 / What the Tide Kept / The Marmalade Years / Letters from Ardmore / The Quiet Cartographer
 / All the Lamps in Lisbon / Our Year of Borrowed Rooms / The Beekeeper's Apology
 | Paperback / Hardcover / Audiobook CD | - | x24

[Crime & Thrillers] by Pale Fox Press, Blackthorn House
Crime Novel | 7-20 | The Harrow Tide, Book 1 / The Harrow Tide, Book 2 / The Harrow Tide, Book 3
 / Death Comes to Quince Lane / A Body at Low Water / The Seventh Locksmith / Cold Platform
 / The Vicar's Last Supper / Nobody Leaves Fennick / Murder Before the Matinee
 | Paperback / Hardcover / Audiobook CD | - | x22

[Science Fiction & Fantasy] by Blackthorn House, Starling & Stone
Fantasy Novel | 8-24 | The Ember Cartel, Book 1 / The Ember Cartel, Book 2
 / The Ember Cartel, Book 3
 / Daughters of the Glass Moor / A Crown of Rooks / The Witch of Wendle Wood
 | Paperback / Hardcover / Limited Edition Hardcover | - | x13
Science Fiction Novel | 8-22 | Signal from Kepler's Edge / The Long Orbit Home
 / Ninety Days to Ganymede
 / The Gardeners of Mars / Machine Psalms | Paperback / Hardcover | - | x10

[Cookbooks] by Copper Spoon Books, Wren & Marlow
Cookbook | 12-32 | Weeknight Noodles: 80 Simple Suppers / The One-Tin Baker
 / Green Plates: Vegan Cooking
 / Slow Sundays: Stews and Roasts / Bread for Beginners / The Allotment Kitchen
 / Fire and Smoke Barbecue
 / Little Hands Bake: Recipes for Kids / The Coffee House at Home
 / Spice Box: Everyday Indian Cooking
 | Paperback / Hardcover | Gifts | x18

[Children's Books] by Puddle & Pip, Wren & Marlow
Picture Book | 5-14 | The Bear Who Lost His Hum / Goodnight, Tugboat / Ten Hats for Hedgehog
 / The Moon Is in My Bath / Where Do Diggers Sleep? / Penguin Packs a Suitcase
 / Mabel's Enormous Marrow
 | Paperback / Board Book / Hardcover | Kids, Gifts | x18
Chapter Book | 6-13 | The Attic Detectives, Book 1 / The Attic Detectives, Book 2
 / The Attic Detectives, Book 3 / Dragon in the Dinner Hall / Captain Custard's Revenge
 / The Island of Lost Socks | Paperback / Hardcover | Kids | x11
Activity Book | 4-12 | My First Sticker Farm / Big Dot-to-Dot Animals / Colour the Ocean
 / Holiday Puzzles and Mazes / Learn to Draw Dinosaurs / Times Tables Practice Cards
 | Ages 3-5 / Ages 6-8 | Kids, Travel | x10

[Travel & Nature Writing] by Harbour Lane, Starling & Stone
Travel Guide | 10-22 | Slow Trains Through Europe / Fifty Island Weekends / The Wild Swimmer's Guide
 / Hut to Hut: Alpine Walks / A Week in the Azores / Cycling the Canal Roads | Paperback
 / Spiral-Bound
 | Travel, Outdoor | x10
Nature Book | 10-28 | A Year Among Hedgerows / Birds of the Back Garden / The Secret Life of Moss
 / The Pocket Book of Clouds / Listening to Owls | Paperback / Hardcover | Outdoor, Gifts | x9

[Home & Hobby Books] by Copper Spoon Books, Starling & Stone
Hobby Book | 9-26 | The No-Dig Garden Year / House Plants You Cannot Kill / Knit Your First Jumper
 / Yoga in Twenty Minutes / The Weekend Woodworker / Running After Forty
 / Watercolour in Ten Lessons
 / The New Parent's Handbook / Puppy School: The First Year | Paperback / Hardcover | Gifts | x15
"""

STATIONERY: Final = """
[Notebooks & Planners] Quillon+ (Folio), Inkling, Plainly-
Notebook | 4-29 | Dotted / Ruled / Hardcover / Recycled | Pocket / A5 / A4
 | Back to School, Gifts | x12
Planner | 9-35 | Weekly / Daily / Academic | A5 / A4 | Back to School
Wall Calendar | 7-19 | Botanical / Family / Coastal | - | Gifts, Christmas
Sketchbook | 6-25 | Hardcover / Spiral / Recycled | A5 / A4 / A3
Sticky Notes | 2-9 | Pastel / Recycled / Transparent | Pack of 4 / Pack of 8

[Pens & Pencils] Quillon+, Inkling, Plainly-
Fountain Pen | 14-89 | Fine-Nib / Medium-Nib / Brass | Black / Forest / Ivory | Gifts
Bottled Ink | 6-22 | Royal Blue / Moss / Black / Bordeaux | 30 ml / 50 ml
Gel Pens | 3-16 | Fine / Pastel / Quick-Dry | Pack of 3 / Pack of 10 | Back to School
Colouring Pencils | 4-39 | Triangular / Watercolour / Recycled | Pack of 12 / Pack of 24
 / Pack of 36
 | Kids, Back to School
Highlighters | 3-12 | Pastel / Neon / Double-Ended | Pack of 4 / Pack of 6 | Back to School
Pencil Case | 5-25 | Canvas / Roll-Up / Kids' Space / Kids' Unicorn | - | Back to School

[Art Supplies] Gluepot & Co, Atelier Brun+, Plainly-
Acrylic Paint Set | 8-49 | Student / Studio / Metallic | 12 Tubes / 24 Tubes | Gifts
Watercolour Set | 7-59 | Pocket / Student / Studio | 12 Pans / 24 Pans | Gifts, Travel
Artist Brushes | 6-35 | Round / Flat / Mixed | Set of 5 / Set of 10
Stretched Canvas | 5-35 | Cotton / Linen | 20 x 30 cm / 40 x 50 cm / Pack of 3
Tabletop Easel | 15-59 | Beech / Folding

[Desk Accessories] Tessel+, Inkling, Plainly-
Desk Organiser | 9-45 | Bamboo / Mesh / Felt | Small / Large
Desk Lamp | 19-99 | LED / Clamp / Wireless-Charging | Black / White / Sage | Lighting
Stapler | 5-19 | Compact / Heavy-Duty | Black / Mint
Desk Pad | 9-49 | Felt / Vegan Leather / Cork | Grey / Tan / Black

[School Bags] Wayfold, Inkling, Plainly-
School Backpack | 17-69 | Recycled / Reflective / Kids' Dinosaur / Kids' Rainbow | 15 L / 22 L
 | Back to School, Kids | x9
Scientific Calculator | 9-29 | Solar / Advanced | Black / Pink | Back to School | x5
Geometry Set | 4-12 | Tin / Folding | - | Back to School, Kids | x4

[Cards & Gift Wrap] Blue Heron+, Inkling
Birthday Card | 2-5 | Botanical / Letterpress / Funny Goose / Kids' Number | Single / Pack of 4
Christmas Cards | 4-15 | Robin / Woodland / Charity / Letterpress | Pack of 8 / Pack of 16
 | Christmas
Wrapping Paper | 3-12 | Recycled Kraft / Botanical / Festive / Birthday | 3 m / 10 m | Gifts
Gift Ribbon | 2-9 | Velvet / Cotton / Satin | Green / Gold / Red | Gifts
"""

PETS: Final = """
[Dogs] Wagstaff, Bramblebark+, Plainly-
Dry Dog Food | 8-65 | Chicken & Rice / Grain-Free Salmon / Puppy / Senior | 2 kg / 6 kg / 12 kg
 | - | x12
Dog Treats | 3-15 | Chicken / Salmon / Dental / Peanut Butter | 100 g / 250 g
Dog Lead | 8-39 | Rope / Leather / Training | 1.2 m / 2 m / 5 m | Outdoor
Dog Collar | 7-39 | Leather / Reflective / Tweed | Small / Medium / Large
Dog Harness | 14-49 | No-Pull / Padded / Reflective | Small / Medium / Large | Outdoor
Dog Bed | 25-149 | Orthopaedic / Donut / Waterproof | Small / Medium / Large
Dog Toy | 4-19 | Rope / Squeaky Duck / Treat-Dispensing / Tough Rubber
Dog Coat | 15-69 | Waterproof / Fleece / Tweed | Small / Medium / Large | Outdoor
Poo Bags | 3-12 | Compostable / Scented | Roll of 60 / Box of 120

[Cats] Mossmog, Wagstaff, Plainly-
Dry Cat Food | 5-39 | Chicken / Salmon / Kitten / Indoor | 1 kg / 3 kg / 7 kg | - | x10
Wet Cat Food | 5-29 | Fish Selection / Poultry Selection / Kitten | Pack of 12 / Pack of 40
Cat Litter | 5-25 | Clumping / Wood Pellet / Tofu | 5 L / 10 L / 20 L
Scratching Post | 15-99 | Sisal / Cardboard / Multi-Level | Natural / Grey
Cat Toy | 3-15 | Catnip Mouse / Feather Wand / Crinkle Ball
Cat Bed | 15-59 | Cave / Radiator / Plush | Grey / Cream
Cat Carrier | 19-59 | Soft / Hard-Shell / Backpack-Style | - | Travel

[Small Animals] Wagstaff, Plainly-
Rabbit Hay | 4-19 | Timothy / Meadow | 1 kg / 3 kg | - | x5
Rabbit Hutch | 59-199 | Two-Storey / Folding | - | - | x3
Small Animal Bedding | 4-15 | Paper / Hemp | 10 L / 30 L | Eco-Friendly | x5

[Aquariums] Finfolk
Aquarium | 39-199 | Starter / Curved / Nano | 20 L / 60 L | - | x4
Fish Food | 3-12 | Tropical Flake / Goldfish / Pellet | 50 g / 100 g | - | x4
Aquarium Filter | 12-45 | Internal / Sponge | - | - | x3
"""
