/**
 * The words of the class secret: short, common, and hard to mishear when a teacher reads them aloud. Four of them make
 * more than 21 billion secrets, and wrong guesses are limited to a few a second.
 */
export const SECRET_WORDS: readonly string[] = `
acorn actor adobe agent album alley almond amber anchor ankle apple apron arch arrow aspen atlas attic autumn
award badge bagel baker balloon bamboo banana banjo barley basil basket beach beacon bean bear beaver bell bench
berry bike birch bison blanket bloom board boat bonus book boot border bottle bowl branch brass bread breeze
brick bridge brook broom brush bucket bugle butter button cabin cable cactus cake camel camera canal candle
canoe canyon captain card cargo carpet carrot castle cedar cello chair chalk cheese cherry chess chest chime
cider circle citrus clay cliff clock cloud clover coach coast cobalt cocoa comet compass copper coral cork
cotton cradle crane crayon creek cricket crown crystal cube curtain daisy dance desert diamond dinner dolphin
donkey door dragon drawer dream drum eagle earth easel echo elbow elm ember engine evening fabric falcon farm
feather fence fern ferry fiddle field finch flag flame flint flute forest fossil fountain fox frost fruit galaxy
garden garlic gate gem ginger giraffe glacier glass globe glove goose grape grass gravel guitar hammer harbor
harp harvest hazel heron hill honey horizon horse island ivory ivy jacket jasmine jelly jigsaw jungle kayak
kettle kite kitten ladder lagoon lake lamp lantern laurel lava lemon lentil library lily linen lizard llama
lotus lunar magnet mango maple marble market meadow melon meteor mint mirror mitten monkey moon morning mosaic
moss motor mountain muffin music nectar needle nest night north nutmeg oasis oat ocean olive onion opal orange
orbit orchard otter owl oyster paddle palace panda paper parade parrot pasta peach peanut pebble pelican pencil
pepper piano picnic pillow pilot pine pizza planet plum pocket polar pond poppy potato prairie prism pumpkin
puzzle quartz quill rabbit radio raft rain ranch raven reef ribbon rice river robin rocket rose ruby saddle
saffron sage sailor salad salmon sand satin scarf school seal shell shore silk silver sky sled snow sofa solar
sonnet spark sparrow spice spoon spring spruce squash stable star steam stone storm story stove straw stream
sugar summer sun swan table tango teapot temple tent thunder tiger timber toast tomato topaz torch tower trail
train tree trumpet tulip tunnel turtle umbrella valley vanilla velvet village violet violin voyage waffle wagon
walnut water wave whale wheat whistle willow window winter wizard wolf wool yarn yellow zebra zephyr
`
  .trim()
  .split(/\s+/);
