/**
 * The words of the class secret: short, common, easy to spell, and hard to mix up when a teacher reads them aloud. Five
 * of 744 words make 2^47.7 secrets. One processor core would need days to try them, even if it could compare with a
 * hash of the secret (ruling R41).
 * class-secret.ts chooses among them, and looks-secret.ts recognises them. A test holds them to these rules.
 */
export const WORDS_IN_A_SECRET = 5;

export const SECRET_WORDS: readonly string[] = `
acorn acrobat actor agent airplane airport alarm album alchemy alley almanac almond alphabet altitude amazon amber
anaconda anchor ankle antelope appetite apple apricot apron aquarium aquatic arcade arch arctic area armchair aroma
arrow artist aspen asteroid athlete atlas attic autumn avenue avocado badge bagel baker ballad balloon bamboo banana
bandage banjo barley barrel baseball basement basil basket bathtub battery beach beacon bean beaver beehive beetroot
bell berry bicycle bike binder biology birch birthday bison blanket blazer blender bloom blossom board boat bobcat
boiler bonfire border bottle bowl bracelet branch brass bread brick bridge broccoli brownie brush bubble bucket
buffalo builder bulldog burger butter button cabbage cabin cable cactus cake calf camel camera camper canary candle
canvas canyon caravan card cargo carpet carrot cashew castle cedar celery cereal chair chalk channel chapter charcoal
chariot chart checkers cherry chess chestnut chicken chimney chipmunk cinnamon circle circus clarinet clay cliff clock
closet cloud clover coach cobweb cocoa coconut coffee college comedy comet comic compass compost computer confetti
cooker copper coral cork cottage cotton crayon cricket crown cruise crumble crystal cube cucumber cupboard cupcake
curry curtain daisy dance daydream daylight delta diamond diary dinner dinosaur dollar dolphin domino donkey donut
door doughnut dragon drawer dream dresser drizzle duckling dustbin eagle earth echo eclipse eggplant elbow elephant
elevator emerald energy engine envelope eraser evening explorer eyebrow fairy falcon family farm feather fence fern
festival fiddle field finch flag flame flamingo fleece flower flute foam folder football footpath forehead forest
fossil fountain fox freedom freezer friend fringe frost fruit future gadget galaxy galleon garage garden garlic gate
gazelle giant ginger giraffe glacier glass glider glimmer glitter globe gondola goose gorilla granite grape gravel
gravity gravy guava guest guitar gymnast habitat hallway halo hammer hamster handbag harmony harp harvest hawk hazel
heater hedgehog helium helmet heron herring hexagon hiking hippo hockey holiday honey hoodie hornet horse hospital
hotel human hunter husky iceberg iguana indigo insect inventor island ivory ivy jacket jaguar jar jasmine javelin
jeans jeep jelly jetpack jewel jigsaw joker journal journey joystick judo juggler juice jumper jungle juniper jupiter
kangaroo kennel ketchup kettle keyboard keyhole kingdom kitchen kite kiwi koala ladder ladybird lagoon lamp landing
lantern laptop lasso laurel lava lavender lawn lemon lentil leopard library lifeboat lilac lily linen lizard loaf
lobster locker lollipop lotus luggage lullaby lunar lunchbox macaroni machine magazine magnet magpie mailbox mammoth
mandarin mango mansion maple marathon marble marigold market mascot mask mattress meadow medal melody melon mercury
mermaid meteor midday midnight mineral minnow mint miracle mirror mobile mongoose moon morning moss mother muffin
muffler mule museum mushroom music mustard mystery napkin nature navy necklace nectar needle neptune nest night
november nugget nutmeg nylon oak oasis oatmeal ocean octagon octopus olive onion opal opera oracle orange orbit
orchard ostrich otter overalls oxygen oyster package paddle palace pancake panda panther paper paprika parade parka
parsley passport pasta patch pavement peacock peanut pebble pencil penguin perfume petal phoenix piano pickle picnic
pigeon piglet pillow pilot pinball pine pirate pitcher pixel pizza pizzeria planet plank plaster plastic platinum
platypus player plaza plum pluto pocket podium polar polygon pond popcorn poppy porridge postcard potato pottery
present pretzel prism pudding puma pumpkin puppet purple puzzle pyramid queen quill rabbit raccoon radio raft railway
rain raisin reef reindeer rhino rice ring river robin rooster ruby rucksack ruler safari sailor salad salmon salt sand
sardine sauce sausage sawdust scale scallop scarf scenery school scooter screen scroll seagull seal season seesaw
shampoo shell shepherd sherbet sheriff shield shirt shovel shrimp shutter shuttle silk silver sketch skunk sky sled
slipper sloth smoothie snail sneaker snow soap soccer song spark sparrow spatula spice spider spinach spiral sponge
spoon spring spruce square squash squirrel stable stadium stapler star steam steeple stereo sticker stone stool storm
straw stripe studio subway sugar suitcase summer sun surf sushi swallow swan sweater swimmer switch tablet taco
tadpole talent taxi teapot teddy temple tennis tent terrace textbook thimble thread thumb thunder tiara ticket tidal
tiger tile timber toaster tomato topaz torch tornado tortoise tower toy tractor traffic trail treasure tree triangle
trombone trophy tropical trout trumpet tugboat tulip tuna tunnel turkey turnip turtle twig twilight twist ukulele
umbrella unicorn unicycle uniform universe vacation vanilla vehicle velvet venus video village vinegar violet violin
vitamin volcano voyage vulture waffle wagon walnut walrus wardrobe water wave web wedding weekend wheat whistle widget
wiggle wildlife windmill window winter wolf woodland wool yacht yarn yellow yoga yoyo zebra zephyr zeppelin zigzag
zinc zipper zodiac zoom
`
  .trim()
  .split(/\s+/);
