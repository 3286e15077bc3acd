"""Which file declares which layer, written by tools/catalogue.py. Do not edit.

``LAYERS`` has the family of each layer by its class name and short names in lower case, ``OPERATIONS`` the kind of each
operation by the name of its class and of its functions. A name that is missing here is still found, only later: then
all files are loaded. ``TRAITS`` has the classes with a trait, see registry.TRAITS.
"""

from __future__ import annotations

# fmt: off
LAYERS: dict[str, str] = {}
LAYERS.update(dict.fromkeys("dense einsumdense emb embedding id identity input inputlayer lambda masking reversibleembedding".split(), "core"))
LAYERS.update(dict.fromkeys("conv1d conv1dtranspose conv2d conv2dtranspose conv3d conv3dtranspose convt1d convt2d convt3d depthwiseconv1d depthwiseconv2d dwconv1d dwconv2d separableconv1d separableconv2d sepconv1d sepconv2d".split(), "convolutional"))
LAYERS.update(dict.fromkeys("adaptiveaveragepooling1d adaptiveaveragepooling2d adaptiveaveragepooling3d adaptivemaxpooling1d adaptivemaxpooling2d adaptivemaxpooling3d ap1d ap2d ap3d averagepooling1d averagepooling2d averagepooling3d gap1d gap2d gap3d globalaveragepooling1d globalaveragepooling2d globalaveragepooling3d globalmaxpooling1d globalmaxpooling2d globalmaxpooling3d gmp1d gmp2d gmp3d maxpooling1d maxpooling2d maxpooling3d mp1d mp2d mp3d".split(), "pooling"))
LAYERS.update(dict.fromkeys("grucell lstmcell simplernncell stackedrnncells".split(), "cells"))
LAYERS.update(dict.fromkeys("convlstm1d convlstm2d convlstm3d gru lstm rnn simplernn".split(), "recurrent"))
LAYERS.update(dict.fromkeys("additiveattention attention gqa groupedqueryattention mha multiheadattention".split(), "attention"))
LAYERS.update(dict.fromkeys("batchnormalization bn gn groupnormalization layernormalization ln normalization rmsnormalization spectralnormalization unitnormalization".split(), "normalization"))
LAYERS.update(dict.fromkeys("cropping1d cropping2d cropping3d flatten permute repeatvector reshape upsampling1d upsampling2d upsampling3d zeropadding1d zeropadding2d zeropadding3d".split(), "reshaping"))
LAYERS.update(dict.fromkeys("add average avg concat concatenate dot maximum minimum mul multiply sub subtract".split(), "merging"))
LAYERS.update(dict.fromkeys("activityregularization alphadropout drop dropout gaussiandropout gaussiannoise spatialdropout1d spatialdropout2d spatialdropout3d".split(), "regularization"))
LAYERS.update(dict.fromkeys("act activation elu leakyrelu prelu relu softmax thresholdedrelu".split(), "activation"))
LAYERS.update(dict.fromkeys("categoryencoding discretization hashedcrossing hashing integerlookup rescaling stringlookup textvectorization".split(), "preprocessing"))
LAYERS.update(dict.fromkeys("melspectrogram stftspectrogram".split(), "sound"))
LAYERS.update(dict.fromkeys("centercrop randomcrop resizing".split(), "image"))
LAYERS.update(dict.fromkeys("augmix autocontrast contrastlimitedadaptivehistogramequalization cutmix equalization maxnumboundingboxes mixup randaugment randombrightness randomcolordegeneration randomcolorjitter randomcontrast randomelastictransform randomerasing randomflip randomgaussianblur randomgrayscale randomhue randominvert randomperspective randomposterization randomrotation randomsaturation randomsharpness randomshear randomtranslation randomzoom solarization".split(), "augmentation"))
LAYERS.update(dict.fromkeys("bi bidirectional pipeline td timedistributed".split(), "wrappers"))
LAYERS.update(dict.fromkeys("customscalelayer layerscale stochasticdepth".split(), "applications"))
LAYERS.update(dict.fromkeys("cudnngru cudnnlstm locallyconnected1d locallyconnected2d timedistributeddense".split(), "bygone"))
LAYERS.update(dict.fromkeys("weight".split(), "source"))
OPERATIONS: dict[str, str] = {}
OPERATIONS.update(dict.fromkeys("Abs Absolute Add Angle Arccos Arccosh Arcsin Arcsinh Arctan Arctan2 Arctanh Array BinaryCrossentropy BitwiseAnd BitwiseInvert BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor Cast Cbrt Ceil Celu Clip Conj Conjugate ConvertToTensor Copy Cos Cosh Deg2rad Divide DivideNoNan Elu EmptyLike Equal Erf Erfc Erfinv Exp Exp2 Expm1 Fabs Floor FloorDivide Fmax Fmin Fmod FullLike Gcd Gelu Greater GreaterEqual HardShrink HardSigmoid HardSilu HardTanh Heaviside Hypot I0 Imag Isclose Isfinite Isinf Isnan Isneginf Isposinf Isreal Lcm Ldexp LeakyRelu LeftShift Less LessEqual Log Log10 Log1p Log2 LogSigmoid LogSoftmax Logaddexp Logaddexp2 LogicalAnd LogicalNot LogicalOr LogicalXor Maximum Minimum Mod Multiply NanToNum Negative Nextafter NotEqual OnesLike Polar Power Rad2deg Real Reciprocal Relu Relu6 RightShift Round Rsqrt SaturateCast Selu Sigmoid Sign Signbit Silu Sin Sinc Sinh SoftShrink Softmax Softplus Softsign SparsePlus SparseSigmoid Sparsemax Sqrt Square Squareplus StopGradient Subtract Tan Tanh TanhShrink Threshold Tril Triu TrueDivide Trunc View ViewAsComplex ViewAsReal Where ZerosLike abs absolute add angle arccos arccosh arcsin arcsinh arctan arctan2 arctanh array binary_crossentropy bitwise_and bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor cast cbrt ceil celu clip conj conjugate convert_to_tensor copy cos cosh deg2rad divide divide_no_nan elu empty_like equal erf erfc erfinv exp exp2 expm1 fabs floor floor_divide fmax fmin fmod full_like gcd gelu greater greater_equal hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh heaviside hypot i0 imag isclose isfinite isinf isnan isneginf isposinf isreal lcm ldexp leaky_relu left_shift less less_equal log log10 log1p log2 log_sigmoid log_softmax logaddexp logaddexp2 logical_and logical_not logical_or logical_xor maximum minimum mod multiply nan_to_num negative nextafter not_equal ones_like polar power rad2deg real reciprocal relu relu6 right_shift round rsqrt saturate_cast selu sigmoid sign signbit silu sin sinc sinh soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid sparsemax sqrt square squareplus stop_gradient subtract swish tan tanh tanh_shrink threshold tril triu true_divide trunc view view_as_complex view_as_real where zeros_like".split(), "elementwise"))
OPERATIONS.update(dict.fromkeys("All AllClose Amax Amin Any Argmax Argmin Average CountNonzero Logsumexp Max Mean Median Min Moments Nanargmax Nanargmin Nanmax Nanmean Nanmedian Nanmin Nanpercentile Nanprod Nanquantile Nanstd Nansum Nanvar Ndim Norm Normalize Percentile Prod Ptp Quantile Size Std Sum Trace Trapezoid Var all all_close allclose amax amin any argmax argmin average count_nonzero logsumexp max mean median min moments nanargmax nanargmin nanmax nanmean nanmedian nanmin nanpercentile nanprod nanquantile nanstd nansum nanvar ndim norm normalize percentile prod ptp quantile size std sum trace trapezoid var".split(), "reductions"))
OPERATIONS.update(dict.fromkeys("Argpartition Argsort BroadcastTo Cumprod Cumsum Diff ExpandDims Flip Fliplr Flipud Moveaxis Nancumprod Nancumsum Ravel Rearrange Reshape Roll Rot90 Sort Squeeze Swapaxes Transpose argpartition argsort broadcast_to cumprod cumsum diff expand_dims flip fliplr flipud moveaxis nancumprod nancumsum ravel rearrange reshape roll rot90 sort squeeze swapaxes transpose".split(), "rearranging"))
OPERATIONS.update(dict.fromkeys("Append ArraySplit Concatenate Dsplit Dstack Hsplit Hstack Meshgrid Pad Repeat Split Stack Tile Unstack Vsplit Vstack append array_split concatenate dsplit dstack hsplit hstack meshgrid pad repeat split stack tile unstack vsplit vstack".split(), "joining"))
OPERATIONS.update(dict.fromkeys("Bincount Digitize GetItem Histogram InTopK IsIn MultiHot Nonzero OneHot Scatter ScatterUpdate SearchSorted SegmentMax SegmentMin SegmentProd SegmentSum Select Slice SliceUpdate Take TakeAlongAxis TopK Unique UnravelIndex bincount digitize get_item histogram in_top_k is_in isin multi_hot nonzero one_hot scatter scatter_update search_sorted searchsorted segment_max segment_min segment_prod segment_sum select slice slice_update take take_along_axis top_k unique unravel_index".split(), "indexing"))
OPERATIONS.update(dict.fromkeys("Diag Diagflat Diagonal Full Geomspace Linspace Logspace Vander diag diagflat diagonal full geomspace linspace logspace vander".split(), "creation"))
OPERATIONS.update(dict.fromkeys("Corrcoef Correlate Cross Dot Einsum Inner Kron Matmul Outer Tensordot Vdot corrcoef correlate cross dot einsum inner kron matmul outer tensordot vdot".split(), "products"))
OPERATIONS.update(dict.fromkeys("AdaptiveAveragePool AdaptiveMaxPool AveragePool BatchNorm CTCDecode CTCLoss CategoricalCrossentropy Conv ConvTranspose DepthToSpace DepthwiseConv DotProductAttention Fold Glu LayerNorm MaxPool PSNR RMSNorm SeparableConv SpaceToDepth SparseCategoricalCrossentropy Unfold adaptive_average_pool adaptive_max_pool average_pool batch_norm batch_normalization categorical_crossentropy conv conv_transpose ctc_decode ctc_loss depth_to_space depthwise_conv dot_product_attention fold glu layer_norm layer_normalization max_pool psnr rms_norm rms_normalization separable_conv space_to_depth sparse_categorical_crossentropy unfold".split(), "neural"))
OPERATIONS.update(dict.fromkeys("CDist ExtractSequences FFT FFT2 IFFT2 IRFFT ISTFT Logdet RFFT STFT Slogdet c_dist cdist extract_sequences fft fft2 ifft2 irfft istft logdet rfft slogdet stft".split(), "signals"))
OPERATIONS.update(dict.fromkeys("Cholesky CholeskyInverse Det Eig Eigh Inv Lstsq LuFactor MatrixRank Pinv Qr SVD Solve SolveTriangular cholesky cholesky_inverse det eig eigh inv lstsq lu_factor matrix_rank pinv qr solve solve_triangular svd".split(), "matrices"))
OPERATIONS.update(dict.fromkeys("AffineTransform CropImages ElasticTransform ExtractPatches GaussianBlur HSVToRGB MapCoordinates PadImages PerspectiveTransform RGBToGrayscale RGBToHSV Resize SSIM ScaleAndTranslate SobelEdges affine_transform crop_images elastic_transform extract_patches gaussian_blur hsv_to_rgb map_coordinates pad_images perspective_transform resize rgb_to_grayscale rgb_to_hsv scale_and_translate sobel_edges ssim".split(), "images"))
OPERATIONS.update(dict.fromkeys("AssociativeScan Cond ForiLoop JVP Map Scan Switch VectorizedMap WhileLoop associative_scan cond fori_loop jvp map scan switch vectorized_map while_loop".split(), "control"))
TRAITS: dict[str, frozenset[str]] = {}
TRAITS["activation"] = frozenset("Activation".split())
TRAITS["regularizer_of_its_own"] = frozenset("ActivityRegularization".split())
TRAITS["adds"] = frozenset("Add".split())
TRAITS["biased"] = frozenset("Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose Dense DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D".split())
TRAITS["both_ways"] = frozenset("Bidirectional".split())
TRAITS["convolves"] = frozenset("Conv1D Conv2D Conv3D DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D".split())
TRAITS["copies_initializers"] = frozenset("GroupedQueryAttention MultiHeadAttention".split())
TRAITS["dense"] = frozenset("Dense".split())
TRAITS["drops"] = frozenset("AlphaDropout Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D".split())
TRAITS["each_step"] = frozenset("TimeDistributed".split())
TRAITS["embeds"] = frozenset("Embedding".split())
TRAITS["flattens"] = frozenset("Flatten".split())
TRAITS["forgets_regularizer"] = frozenset("SimpleRNN".split())
TRAITS["function"] = frozenset("Lambda".split())
TRAITS["input"] = frozenset("InputLayer".split())
TRAITS["keeps_numbers"] = frozenset("Cropping1D Flatten Lambda Permute Reshape ZeroPadding1D".split())
TRAITS["keeps_places"] = frozenset("Activation BatchNormalization ELU LayerNormalization LeakyReLU PReLU ReLU".split())
TRAITS["looks_up"] = frozenset("Embedding ReversibleEmbedding".split())
TRAITS["over_steps"] = frozenset("Bidirectional Conv1D CuDNNGRU CuDNNLSTM GRU LSTM RNN SimpleRNN TimeDistributed".split())
TRAITS["partly_trained"] = frozenset("Normalization SpectralNormalization".split())
TRAITS["passes_on"] = frozenset("Activation ActivityRegularization Dropout Identity LeakyReLU ReLU".split())
TRAITS["permutes"] = frozenset("Permute".split())
TRAITS["rearranges"] = frozenset("CategoryEncoding Lambda Permute Reshape Resizing".split())
TRAITS["recurrent"] = frozenset("CuDNNGRU CuDNNLSTM GRU LSTM RNN SimpleRNN".split())
TRAITS["reshapes"] = frozenset("Reshape".split())
TRAITS["softmax"] = frozenset("Softmax".split())
TRAITS["stack"] = frozenset("StackedRNNCells".split())
TRAITS["statistics"] = frozenset("BatchNormalization".split())
TRAITS["transparent"] = frozenset("ActivityRegularization AlphaDropout Dropout GaussianDropout GaussianNoise Identity SpatialDropout1D".split())
# fmt: on
