"""Keras source code: what models a program builds, read from its text. Nothing in it is ever executed.

An abstract interpreter of Python round Keras. It makes the same Graph as the other readers, one for each model. The other
rooms see ``face`` (all models of a text, or the one that is asked for) and ``telling`` (whether a text is Python at all).

**From text to graphs.** ``face`` has ``notebook`` make one text of a notebook's cells; ``program`` has ``interpreter`` run
it, calls what the program does not call itself, and turns each record of a model into a graph with what is to be said of
it; where there is none, ``nothing`` says what to give instead. ``syntax`` parses, whatever the text; ``statements``,
``loops``, ``expressions``, ``patterns`` and ``imports`` are tables from a kind of syntax to what it does.

**Values** (``values``) are Python's own where they are known (numbers, texts, containers; a list that two names share is
shared here too; ``variants`` are those that are more than they look), else objects of a class there: a name of a library,
a function or a class of the source, a layer, a symbolic tensor, an array of which only the shape counts. ``checks`` tells
them apart. What nothing in the source tells is ``Missing``: it has a name, under which ``--set`` gives it a value
(``naming``), and the place where knowledge ended. As a size it is a named size. It hurts only where a branch, a loop or a
weight needs it, and that is said there.

**Work.** What may take long is a generator that yields the work it waits for and is sent what that gives; ``machine``
runs it on a stack of its own, so that no program can use up Python's, and counts steps against a budget. A handler gives
a value, or the work that finds it out (``Result``). ``Returned``, ``Broken``, ``Raised`` leave it early. An exception of the
reader's own code costs the statement, and ``UNFORESEEN`` hears it: tests listen.

**Frames and scopes** (``scope``): a frame is what is being run, with its caller; a scope holds names and knows the one
around it. A ``Site`` is where a call is written, with the place of each argument.

**Calls.** ``calls`` tells them apart: functions of the source get a frame, classes make objects (``classes``,
``containers``), layers are applied, libraries go by the path of what is called (``names`` gives each thing one path,
``library`` says which file knows it). ``builtins``, ``methods``, ``iterators``, ``operators``, ``operator_functions``,
``items``, ``attributes`` and ``system`` are Python's, ``protocols`` what a class of the source says of truth, equality and
its attributes; ``arrays``, ``array_functions``, ``labels`` and ``data`` are numpy's
and those of pipelines; ``arguments`` is argparse. ``objects`` is what of Keras changes no summary.

To teach the reader a function that programs call: ``library`` sends its path to a file; there it is a line of a table
(``HANDLERS``, ``LOADERS``, ``METHODS``) or a function under ``@builtin``, ``@numpy`` or ``@special``, which gives
``run.unknown(site)`` where nothing tells it. And a program in ``tests/data/source``, which ``python -m tests.oracle.programs``
has the real Keras run.

**Layers and models.** ``layer_functions`` is keras.layers, ``layers`` makes a layer (``eras`` says it in the words of
Keras 3, ``literals`` gives each argument its place, ``lazy`` leaves out what nothing tells and nothing needs),
``inputs`` an Input; ``layer_calls`` and ``layer_attributes`` are what is done with it. ``sequential`` and
``functional`` make models, ``models`` is what all have, ``model_calls`` and ``model_attributes`` what is done with
them, ``copies`` what is asked of built ones, ``applications`` (with ``architectures/``) those of keras.applications.
``tensors``, ``functions`` and ``backend`` are operations on tensors. Layers and models of the user's own are followed
inside (``inside``, ``wrapped``, ``lambdas``): Keras has its backend trace their ``call``, with one named size for every
unknown one.

**Graphs.** Keras infers shapes while a script runs, so a script can ask for them. So ``engine`` has the shape engine walk
each node when it is made: a ``Trace`` is a graph that grows; the program has one, the inside of a custom layer its own. A
model takes from it the nodes between its tensors. ``records`` notes where each model is made.

**What is not followed.** A branch that nothing decides is not taken (``branches``): ``effects`` tells from its syntax what
it could change, and that is not known any more; where it leaves a function or a loop, so is what would come behind it. A
loop of which nothing tells how often it turns is read once; what is changed in it is not sure (``changes``). A statement
that cannot be followed is left, likewise. ``numbering`` notes what may have made layers unseen: numbers in automatic names
behind it are not sure. All of this is said, never guessed.

**Places.** Every piece of syntax has a ``Span`` in the text of its file (``places``), every argument of a layer carries its
own, so that a complaint of the engine points at the ``9`` in ``Conv1D(2, 9)``. ``around`` tells which models have a layer
round a place. ``running`` is what all files know of the
program that is being read; ``rooms`` lets a file call one that stands above it.
"""
