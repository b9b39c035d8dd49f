"""What the shop stocks to wear, for care and for babies.

The notation is explained in `service.demo.vocabulary`.
"""

from __future__ import annotations

from typing import Final

CLOTHING: Final = """
[Jackets & Coats] Harrow & Vale+, Saltmarsh+, Marram, Plainly-
Puffer Jacket | 45-219 | Women's Recycled / Men's Recycled / Women's Down / Men's Down
 / Kids' Hooded
 | Black / Olive / Rust | - | x14
Wool Coat | 79-329 | Women's Belted / Men's Double-Breasted / Women's Longline | Camel / Charcoal
 / Navy
Raincoat | 35-159 | Women's Hooded / Men's Hooded / Kids' / Women's Longline
 | Mustard / Navy / Forest | Outdoor | x10
Denim Jacket | 39-119 | Women's Cropped / Men's Classic / Women's Oversized | Mid Wash / Ecru

[Knitwear] Harrow & Vale+, Marram, Plainly-
Jumper | 29-139 | Women's Lambswool / Men's Lambswool / Women's Cashmere / Men's Cotton
 / Kids' Striped
 | Oatmeal / Navy / Moss / Berry | Gifts | x16
Cardigan | 29-129 | Women's Chunky / Men's Shawl-Collar / Women's Merino | Oatmeal / Charcoal / Plum
Christmas Jumper | 19-59 | Women's Fair Isle / Men's Fair Isle / Kids' Reindeer | Red / Forest
 | Christmas

[Tops & Shirts] Marram, Harrow & Vale+, Oxcombe, Plainly-
T-Shirt | 9-39 | Women's Organic Cotton / Men's Organic Cotton / Women's Striped / Men's Pocket
 / Kids' Dinosaur | White / Navy / Clay / Sage | - | x18
Oxford Shirt | 25-89 | Men's Slim / Men's Relaxed / Women's Relaxed | White / Blue / Pink
Linen Shirt | 29-99 | Women's / Men's / Women's Oversized | White / Sage / Sky Blue
Flannel Shirt | 25-79 | Men's Brushed / Women's Brushed | Red Check / Forest Check
Hoodie | 25-89 | Women's Zip / Men's Zip / Men's Organic Cotton / Kids' | Grey Marl / Navy / Sand
Polo Shirt | 19-69 | Men's Piqué / Women's Piqué / Kids' School | White / Navy

[Trousers & Jeans] Oxcombe, Marram, Plainly-
Jeans | 29-119 | Women's Straight / Men's Straight / Women's Wide-Leg / Men's Slim / Men's Tapered
 | Mid Wash / Indigo / Washed Black | - | x14
Chinos | 25-79 | Men's Slim / Men's Straight / Women's Tapered | Stone / Navy / Olive
Joggers | 19-69 | Women's / Men's / Kids' | Grey Marl / Black
Shorts | 15-59 | Women's Linen / Men's Chino / Kids' Jersey | Stone / Navy / Sage
School Trousers | 8-22 | Boys' / Girls' / Pull-On | Grey / Black | Back to School, Kids

[Dresses & Skirts] Saltmarsh+, Marram, Plainly-
Midi Dress | 29-139 | Women's Wrap / Women's Linen / Women's Tiered / Women's Knitted
 | Navy Floral / Sage / Black / Terracotta | - | x14
Summer Dress | 22-89 | Women's Cotton / Women's Shirred / Girls' | White / Blue Stripe / Coral
Skirt | 19-79 | Women's Pleated / Women's Denim / Women's Satin | Black / Olive / Mid Wash

[Socks & Underwear] Fernhill, Marram, Plainly-
Cotton Socks | 6-19 | Women's / Men's / Kids' / Striped | 2 Pairs / 5 Pairs
Boxer Shorts | 12-45 | Men's Organic Cotton / Men's Modal | Pack of 2 / Pack of 3
Briefs | 9-39 | Women's Organic Cotton / Women's Seamless | Pack of 3 / Pack of 5
Slippers | 15-69 | Women's Sheepskin / Men's Sheepskin / Women's Felt / Men's Felt / Kids' Bear
 | Grey / Chestnut | Gifts | x9
Pyjamas | 19-79 | Women's Cotton / Men's Flannel / Kids' Star / Women's Satin
 | Navy / Check / Blush | Gifts

[Hats, Gloves & Scarves] Harrow & Vale+, Fernhill, Plainly-
Beanie | 9-39 | Ribbed / Merino / Kids' Bobble | Charcoal / Mustard / Berry | Gifts
Scarf | 14-89 | Lambswool / Checked / Chunky-Knit / Silk | Camel / Navy / Forest | Gifts
Knitted Gloves | 9-45 | Touchscreen / Cashmere-Blend / Kids' | Grey / Navy | Gifts
Sun Hat | 12-45 | Straw / Packable / Kids' | Natural / Navy | Travel
Baseball Cap | 12-35 | Cotton / Corduroy / Recycled | Navy / Sand / Olive
"""

ACCESSORIES: Final = """
[Shoes] Oxcombe, Saltmarsh+, Plainly-
Trainers | 29-139 | Women's Leather / Men's Leather / Women's Canvas / Men's Canvas / Kids' Canvas
 | White / Black / Sage | - | x16
Chelsea Boots | 49-189 | Women's Leather / Men's Suede / Women's Chunky | Black / Tan
Sandals | 19-99 | Women's Leather / Men's Leather / Women's Cork / Kids' | Tan / Black
Wellington Boots | 19-119 | Women's Short / Men's Tall / Kids' | Forest / Navy / Yellow | Outdoor
School Shoes | 22-59 | Boys' / Girls' / Scuff-Resistant | Black | Back to School, Kids

[Bags & Wallets] Quillon+, Wayfold, Plainly-
Tote Bag | 9-99 | Canvas / Leather / Organic Cotton | Natural / Black / Olive | Gifts
Crossbody Bag | 22-139 | Leather / Recycled Nylon / Quilted | Tan / Black / Plum | Gifts
Wallet | 15-79 | Slim Leather / RFID / Zip-Around | Black / Tan / Navy | Gifts
Umbrella | 12-45 | Compact / Windproof / Kids' Clear | Black / Navy / Mustard | Travel

[Jewellery] Wrenfield+, Moth & Moon
Necklace | 19-119 | Gold-Plated / Sterling Silver / Freshwater Pearl / Birthstone | 40 cm / 45 cm
 | Gifts
Earrings | 12-89 | Gold-Plated Hoop / Sterling Silver Stud / Pearl Drop / Ceramic | Small / Large
 | Gifts | x10
Bracelet | 15-79 | Beaded / Sterling Silver / Friendship | - | Gifts
Jewellery Box | 15-59 | Velvet / Travel / Walnut | Blush / Sage | Gifts

[Watches] Corvane+, Tessel+
Wrist Watch | 59-279 | Minimalist / Automatic / Field / Solar | Black / Tan Leather / Steel | Gifts
 | x11

[Sunglasses] Saltmarsh+, Wayfold, Plainly-
Polarised Sunglasses | 15-119 | Round / Square / Cat-Eye / Sport / Kids'
 | Tortoiseshell / Black / Crystal | Travel | x12
"""

BEAUTY: Final = """
[Skincare] Velora+, Fen & Petal, Ordenne, Plainly-
Moisturiser | 6-49 | Daily / Oil-Free / Ceramide / Vegan Overnight | 50 ml / 100 ml | - | x10
Face Cleanser | 5-35 | Gentle / Foaming / Salicylic / Vegan Balm | 100 ml / 200 ml
Face Serum | 8-59 | Vitamin C / Hyaluronic / Niacinamide / Retinol | 15 ml / 30 ml | - | x10
Eye Cream | 9-45 | Caffeine / Peptide | 15 ml
Clay Face Mask | 6-29 | Purifying / Pink / Charcoal | 50 ml / 100 ml | Vegan
Lip Balm | 2-12 | Beeswax / Vegan Mint / Tinted / SPF 30 | Single / Pack of 3
Hand Cream | 4-22 | Shea / Lavender / Unscented | 30 ml / 75 ml | Gifts
Face Pads | 3-14 | Reusable Bamboo / Organic Cotton | Pack of 16 / Pack of 100

[Hair Care] Velora+, Fen & Petal, Plainly-
Shampoo | 4-25 | Moisturising / Anti-Dandruff / Volumising / Colour-Care | 250 ml / 500 ml
 | Vegan | x10
Conditioner | 4-25 | Moisturising / Volumising / Colour-Care | 250 ml / 500 ml | Vegan
Shampoo Bar | 5-14 | Coconut / Rosemary / Unscented | 60 g / 90 g | Eco-Friendly, Vegan, Travel
Hair Mask | 7-29 | Argan / Bond Repair / Curl | 200 ml
Hair Dryer | 19-149 | Ionic / Travel / Diffuser | Black / Blush
Hair Brush | 6-35 | Detangling / Bamboo Paddle / Boar Bristle

[Bath & Body] Fen & Petal, Saltmarsh+, Plainly-
Body Wash | 3-25 | Citrus / Oat Milk / Sea Kelp / Unscented | 250 ml / 500 ml | Vegan
Hand Soap | 3-22 | Fig / Lemon Verbena / Sea Kelp | 300 ml / 500 ml
Bath Salts | 5-25 | Lavender / Eucalyptus / Sea Mineral | 300 g / 1 kg | Gifts
Soap Bar | 3-12 | Oatmeal / Rose / Charcoal / Goat's Milk | Single / Pack of 3 | Gifts
Body Lotion | 5-32 | Shea / Almond / Fragrance-Free | 200 ml / 400 ml
Pamper Gift Set | 15-59 | Lavender / Rose / Sea Kelp | - | Gifts

[Make-Up] Velora+, Coquelle
Mascara | 7-27 | Lengthening / Volumising / Waterproof | Black / Brown
Lipstick | 6-29 | Matte / Satin / Sheer | Rosewood / Brick Red / Nude / Berry | Vegan | x10
Foundation | 9-39 | Skin Tint / Matte / Dewy | Fair / Light / Medium / Deep
Nail Polish | 4-15 | Gel-Effect / Quick-Dry / Vegan | Poppy / Nude / Forest / Midnight
Make-Up Brush Set | 12-49 | Vegan / Travel | 5 Piece / 9 Piece | Gifts

[Shaving & Beards] Corvane+, Barber's Yard
Safety Razor | 15-59 | Double-Edge / Butterfly | Chrome / Matte Black | Eco-Friendly, Gifts
Razor Blades | 4-19 | Double-Edge / Cartridge | Pack of 5 / Pack of 10
Shaving Cream | 5-22 | Sandalwood / Sensitive / Lime | 75 ml / 150 ml
Beard Oil | 7-25 | Cedar / Unscented / Citrus | 30 ml / 50 ml | Gifts, Men
Beard Trimmer | 19-89 | Cordless / Waterproof | - | Gifts, Men

[Oral Care] Brightwell, Plainly-
Electric Toothbrush | 22-129 | Sonic / Rotating / Travel | White / Black / Mint
Brush Heads | 6-25 | Sensitive / Whitening | Pack of 2 / Pack of 4
Bamboo Toothbrush | 2-12 | Soft / Medium / Kids' | Single / Pack of 4 | Eco-Friendly
Toothpaste | 2-9 | Mint / Whitening / Kids' Strawberry | 75 ml / 100 ml
Dental Floss | 2-8 | Silk / Expanding / Refillable | 30 m / 50 m

[Sun Care] Velora+, Finfolk
Sun Cream | 7-29 | SPF 30 / SPF 50 / Kids' SPF 50 / Mineral SPF 30 | 100 ml / 200 ml
 | Travel, Outdoor
 | x8
After Sun Lotion | 5-18 | Aloe / Cooling | 200 ml | Travel | x4
"""

BABY: Final = """
[Baby Feeding] Tuppence, Little Orrin+, Plainly-
Baby Bottle | 5-29 | Anti-Colic / Glass / Wide-Neck | 150 ml / 260 ml / Pack of 3
Weaning Bowl | 6-25 | Suction Silicone / Bamboo | Sage / Blush / Oat
Bibs | 5-22 | Silicone / Muslin / Long-Sleeved | Pack of 2 / Pack of 5
High Chair | 39-219 | Folding / Wooden / Adjustable | White / Natural
Sippy Cup | 4-15 | Spill-Proof / Straw / Stainless Steel | Sage / Blush / Blue

[Nursery] Little Orrin+, Tuppence, Willowbrook
Baby Sleeping Bag | 19-59 | 1 Tog / 2.5 Tog / Organic Cotton | 0-6 Months / 6-18 Months
Cot Sheets | 9-35 | Organic Cotton / Jersey / Bamboo | Pack of 2 / Pack of 3
Cot Mobile | 19-55 | Felt Cloud / Wooden Animal / Musical | - | Gifts
Baby Monitor | 29-179 | Audio / Video / Smart | - / 2nd Generation
Muslin Cloths | 8-29 | Organic Cotton / Bamboo / Printed | Pack of 3 / Pack of 6 | Gifts
Baby Blanket | 15-59 | Cellular / Knitted / Organic Cotton | Cream / Sage / Dusty Pink | Gifts

[Baby Clothing] Little Orrin+, Marram, Plainly-
Bodysuits | 8-35 | Organic Cotton / Long-Sleeved / Short-Sleeved
 | Newborn, Pack of 3 / 3-6 Months, Pack of 3 / 6-9 Months, Pack of 5
Sleepsuit | 9-32 | Zip-Up / Organic Cotton / Bunny-Ear | Newborn / 0-3 Months / 3-6 Months | Gifts
Baby Booties | 6-22 | Knitted / Fleece-Lined / Soft Leather | 0-6 Months / 6-12 Months | Gifts
Pramsuit | 19-69 | Quilted / Fleece | 0-6 Months / 6-12 Months

[Nappies & Changing] Tuppence, Plainly-
Nappies | 5-32 | Eco / Sensitive / Overnight | Size 2, Pack of 40 / Size 3, Pack of 36
 / Size 4, Pack of 32
Reusable Nappy | 10-25 | All-in-One / Two-Part | Woodland / Rainbow / Plain | Eco-Friendly
Baby Wipes | 1-24 | Water / Biodegradable / Sensitive | Pack of 60 / Box of 12 Packs
Changing Mat | 12-45 | Wipe-Clean / Travel / Wicker
Nappy Bag | 25-119 | Backpack-Style / Quilted / Tote | Black / Olive | Travel
Nappy Cream | 4-14 | Zinc / Calendula / Fragrance-Free | 75 ml / 150 ml

[Prams & Carriers] Little Orrin+, Wayfold
Pushchair | 119-599 | Compact / All-Terrain / Travel | Grey / Sage / Black | Travel | x7
Baby Carrier | 39-159 | Structured / Wrap / Hip-Seat | Grey / Ochre | Travel | x6
"""
