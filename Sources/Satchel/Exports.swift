// The words of the model are the words of this library: whoever imports it speaks them.
@_exported public import SatchelModel
