"""Keras's signatures as data, written by tools/signatures.py from Keras 3.15.1. Do not edit.

``SIGNATURES`` maps each class of keras.layers to its automatic name, its constructor arguments in order with their defaults
(``...``: required) and the arguments of its ``call``. ``ALIASES`` maps the other public names to the class.
``IDENTIFIERS`` are the strings that stand for an initializer, a regularizer or a constraint.
"""

from __future__ import annotations

from typing import Any

KERAS_VERSION = "3.15.1"

# fmt: off
SIGNATURES: dict[str, tuple[str, tuple[tuple[str, Any], ...], tuple[tuple[str, Any], ...]]] = {
    'Activation': ('activation', (('activation', ...),), (('inputs', ...),)),  # noqa: E501
    'ActivityRegularization': ('activity_regularization', (('l1', 0.0), ('l2', 0.0)), (('inputs', ...),)),  # noqa: E501
    'AdaptiveAveragePooling1D': ('adaptive_average_pooling1d', (('output_size', ...), ('data_format', None)), (('inputs', ...),)),  # noqa: E501
    'AdaptiveAveragePooling2D': ('adaptive_average_pooling2d', (('output_size', ...), ('data_format', None)), (('inputs', ...),)),  # noqa: E501
    'AdaptiveAveragePooling3D': ('adaptive_average_pooling3d', (('output_size', ...), ('data_format', None)), (('inputs', ...),)),  # noqa: E501
    'AdaptiveMaxPooling1D': ('adaptive_max_pooling1d', (('output_size', ...), ('data_format', None)), (('inputs', ...),)),  # noqa: E501
    'AdaptiveMaxPooling2D': ('adaptive_max_pooling2d', (('output_size', ...), ('data_format', None)), (('inputs', ...),)),  # noqa: E501
    'AdaptiveMaxPooling3D': ('adaptive_max_pooling3d', (('output_size', ...), ('data_format', None)), (('inputs', ...),)),  # noqa: E501
    'Add': ('add', (), (('inputs', ...),)),  # noqa: E501
    'AdditiveAttention': ('additive_attention', (('use_scale', True), ('dropout', 0.0)), (('inputs', ...), ('mask', None), ('training', False), ('return_attention_scores', False), ('use_causal_mask', False))),  # noqa: E501
    'AlphaDropout': ('alpha_dropout', (('rate', ...), ('noise_shape', None), ('seed', None)), (('inputs', ...), ('training', False))),  # noqa: E501
    'Attention': ('attention', (('use_scale', False), ('score_mode', 'dot'), ('dropout', 0.0), ('seed', None)), (('inputs', ...), ('mask', None), ('training', False), ('return_attention_scores', False), ('use_causal_mask', False))),  # noqa: E501
    'AugMix': ('aug_mix', (('value_range', (0, 255)), ('num_chains', 3), ('chain_depth', 3), ('factor', 0.3), ('alpha', 1.0), ('all_ops', True), ('interpolation', 'bilinear'), ('seed', None), ('data_format', None)), (('data', ...), ('training', True))),  # noqa: E501
    'AutoContrast': ('auto_contrast', (('value_range', (0, 255)),), (('data', ...), ('training', True))),  # noqa: E501
    'Average': ('average', (), (('inputs', ...),)),  # noqa: E501
    'AveragePooling1D': ('average_pooling1d', (('pool_size', ...), ('strides', None), ('padding', 'valid'), ('data_format', None), ('name', None)), (('inputs', ...),)),  # noqa: E501
    'AveragePooling2D': ('average_pooling2d', (('pool_size', ...), ('strides', None), ('padding', 'valid'), ('data_format', None), ('name', None)), (('inputs', ...),)),  # noqa: E501
    'AveragePooling3D': ('average_pooling3d', (('pool_size', ...), ('strides', None), ('padding', 'valid'), ('data_format', None), ('name', None)), (('inputs', ...),)),  # noqa: E501
    'BatchNormalization': ('batch_normalization', (('axis', -1), ('momentum', 0.99), ('epsilon', 0.001), ('center', True), ('scale', True), ('beta_initializer', 'zeros'), ('gamma_initializer', 'ones'), ('moving_mean_initializer', 'zeros'), ('moving_variance_initializer', 'ones'), ('beta_regularizer', None), ('gamma_regularizer', None), ('beta_constraint', None), ('gamma_constraint', None), ('renorm', False), ('renorm_clipping', None), ('renorm_momentum', 0.99), ('synchronized', False)), (('inputs', ...), ('training', None), ('mask', None))),  # noqa: E501
    'Bidirectional': ('bidirectional', (('layer', ...), ('merge_mode', 'concat'), ('weights', None), ('backward_layer', None)), (('sequences', ...), ('initial_state', None), ('mask', None), ('training', None))),  # noqa: E501
    'CategoryEncoding': ('category_encoding', (('num_tokens', None), ('output_mode', 'multi_hot'), ('sparse', False)), (('inputs', ...), ('count_weights', None))),  # noqa: E501
    'CenterCrop': ('center_crop', (('height', ...), ('width', ...), ('data_format', None)), (('data', ...), ('training', True))),  # noqa: E501
    'Concatenate': ('concatenate', (('axis', -1),), (('inputs', ...),)),  # noqa: E501
    'ContrastLimitedAdaptiveHistogramEqualization': ('contrast_limited_adaptive_histogram_equalization', (('value_range', (0, 255)), ('clip_limit', 4.0), ('tile_grid_size', (8, 8)), ('data_format', None)), (('data', ...), ('training', True))),  # noqa: E501
    'Conv1D': ('conv1d', (('filters', ...), ('kernel_size', ...), ('strides', 1), ('padding', 'valid'), ('data_format', None), ('dilation_rate', 1), ('groups', 1), ('activation', None), ('use_bias', True), ('kernel_initializer', 'glorot_uniform'), ('bias_initializer', 'zeros'), ('kernel_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('kernel_constraint', None), ('bias_constraint', None)), (('inputs', ...),)),  # noqa: E501
    'Conv1DTranspose': ('conv1d_transpose', (('filters', ...), ('kernel_size', ...), ('strides', 1), ('padding', 'valid'), ('output_padding', None), ('data_format', None), ('dilation_rate', 1), ('activation', None), ('use_bias', True), ('kernel_initializer', 'glorot_uniform'), ('bias_initializer', 'zeros'), ('kernel_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('kernel_constraint', None), ('bias_constraint', None)), (('inputs', ...),)),  # noqa: E501
    'Conv2D': ('conv2d', (('filters', ...), ('kernel_size', ...), ('strides', (1, 1)), ('padding', 'valid'), ('data_format', None), ('dilation_rate', (1, 1)), ('groups', 1), ('activation', None), ('use_bias', True), ('kernel_initializer', 'glorot_uniform'), ('bias_initializer', 'zeros'), ('kernel_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('kernel_constraint', None), ('bias_constraint', None)), (('inputs', ...),)),  # noqa: E501
    'Conv2DTranspose': ('conv2d_transpose', (('filters', ...), ('kernel_size', ...), ('strides', (1, 1)), ('padding', 'valid'), ('output_padding', None), ('data_format', None), ('dilation_rate', (1, 1)), ('activation', None), ('use_bias', True), ('kernel_initializer', 'glorot_uniform'), ('bias_initializer', 'zeros'), ('kernel_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('kernel_constraint', None), ('bias_constraint', None)), (('inputs', ...),)),  # noqa: E501
    'Conv3D': ('conv3d', (('filters', ...), ('kernel_size', ...), ('strides', (1, 1, 1)), ('padding', 'valid'), ('data_format', None), ('dilation_rate', (1, 1, 1)), ('groups', 1), ('activation', None), ('use_bias', True), ('kernel_initializer', 'glorot_uniform'), ('bias_initializer', 'zeros'), ('kernel_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('kernel_constraint', None), ('bias_constraint', None)), (('inputs', ...),)),  # noqa: E501
    'Conv3DTranspose': ('conv3d_transpose', (('filters', ...), ('kernel_size', ...), ('strides', (1, 1, 1)), ('padding', 'valid'), ('data_format', None), ('output_padding', None), ('dilation_rate', (1, 1, 1)), ('activation', None), ('use_bias', True), ('kernel_initializer', 'glorot_uniform'), ('bias_initializer', 'zeros'), ('kernel_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('kernel_constraint', None), ('bias_constraint', None)), (('inputs', ...),)),  # noqa: E501
    'ConvLSTM1D': ('conv_lstm1d', (('filters', ...), ('kernel_size', ...), ('strides', 1), ('padding', 'valid'), ('data_format', None), ('dilation_rate', 1), ('activation', 'tanh'), ('recurrent_activation', 'sigmoid'), ('use_bias', True), ('kernel_initializer', 'glorot_uniform'), ('recurrent_initializer', 'orthogonal'), ('bias_initializer', 'zeros'), ('unit_forget_bias', True), ('kernel_regularizer', None), ('recurrent_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('kernel_constraint', None), ('recurrent_constraint', None), ('bias_constraint', None), ('dropout', 0.0), ('recurrent_dropout', 0.0), ('seed', None), ('return_sequences', False), ('return_state', False), ('go_backwards', False), ('stateful', False)), (('sequences', ...), ('initial_state', None), ('mask', None), ('training', False))),  # noqa: E501
    'ConvLSTM2D': ('conv_lstm2d', (('filters', ...), ('kernel_size', ...), ('strides', 1), ('padding', 'valid'), ('data_format', None), ('dilation_rate', 1), ('activation', 'tanh'), ('recurrent_activation', 'sigmoid'), ('use_bias', True), ('kernel_initializer', 'glorot_uniform'), ('recurrent_initializer', 'orthogonal'), ('bias_initializer', 'zeros'), ('unit_forget_bias', True), ('kernel_regularizer', None), ('recurrent_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('kernel_constraint', None), ('recurrent_constraint', None), ('bias_constraint', None), ('dropout', 0.0), ('recurrent_dropout', 0.0), ('seed', None), ('return_sequences', False), ('return_state', False), ('go_backwards', False), ('stateful', False)), (('sequences', ...), ('initial_state', None), ('mask', None), ('training', False))),  # noqa: E501
    'ConvLSTM3D': ('conv_lstm3d', (('filters', ...), ('kernel_size', ...), ('strides', 1), ('padding', 'valid'), ('data_format', None), ('dilation_rate', 1), ('activation', 'tanh'), ('recurrent_activation', 'sigmoid'), ('use_bias', True), ('kernel_initializer', 'glorot_uniform'), ('recurrent_initializer', 'orthogonal'), ('bias_initializer', 'zeros'), ('unit_forget_bias', True), ('kernel_regularizer', None), ('recurrent_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('kernel_constraint', None), ('recurrent_constraint', None), ('bias_constraint', None), ('dropout', 0.0), ('recurrent_dropout', 0.0), ('seed', None), ('return_sequences', False), ('return_state', False), ('go_backwards', False), ('stateful', False)), (('sequences', ...), ('initial_state', None), ('mask', None), ('training', False))),  # noqa: E501
    'Cropping1D': ('cropping1d', (('cropping', (1, 1)),), (('inputs', ...),)),  # noqa: E501
    'Cropping2D': ('cropping2d', (('cropping', ((0, 0), (0, 0))), ('data_format', None)), (('inputs', ...),)),  # noqa: E501
    'Cropping3D': ('cropping3d', (('cropping', ((1, 1), (1, 1), (1, 1))), ('data_format', None)), (('inputs', ...),)),  # noqa: E501
    'CutMix': ('cut_mix', (('factor', 1.0), ('seed', None), ('data_format', None)), (('data', ...), ('training', True))),  # noqa: E501
    'Dense': ('dense', (('units', ...), ('activation', None), ('use_bias', True), ('kernel_initializer', 'glorot_uniform'), ('bias_initializer', 'zeros'), ('kernel_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('kernel_constraint', None), ('bias_constraint', None), ('lora_rank', None), ('lora_alpha', None), ('quantization_config', None)), (('inputs', ...), ('training', None))),  # noqa: E501
    'DepthwiseConv1D': ('depthwise_conv1d', (('kernel_size', ...), ('strides', 1), ('padding', 'valid'), ('depth_multiplier', 1), ('data_format', None), ('dilation_rate', 1), ('activation', None), ('use_bias', True), ('depthwise_initializer', 'glorot_uniform'), ('bias_initializer', 'zeros'), ('depthwise_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('depthwise_constraint', None), ('bias_constraint', None)), (('inputs', ...),)),  # noqa: E501
    'DepthwiseConv2D': ('depthwise_conv2d', (('kernel_size', ...), ('strides', (1, 1)), ('padding', 'valid'), ('depth_multiplier', 1), ('data_format', None), ('dilation_rate', (1, 1)), ('activation', None), ('use_bias', True), ('depthwise_initializer', 'glorot_uniform'), ('bias_initializer', 'zeros'), ('depthwise_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('depthwise_constraint', None), ('bias_constraint', None)), (('inputs', ...),)),  # noqa: E501
    'Discretization': ('discretization', (('bin_boundaries', None), ('num_bins', None), ('epsilon', 0.01), ('output_mode', 'int'), ('sparse', False), ('dtype', None), ('name', None)), (('inputs', ...),)),  # noqa: E501
    'Dot': ('dot', (('axes', ...), ('normalize', False)), (('inputs', ...),)),  # noqa: E501
    'Dropout': ('dropout', (('rate', ...), ('noise_shape', None), ('seed', None)), (('inputs', ...), ('training', False))),  # noqa: E501
    'ELU': ('elu', (('alpha', 1.0),), (('inputs', ...),)),  # noqa: E501
    'EinsumDense': ('einsum_dense', (('equation', ...), ('output_shape', ...), ('activation', None), ('bias_axes', None), ('kernel_initializer', 'glorot_uniform'), ('bias_initializer', 'zeros'), ('kernel_regularizer', None), ('bias_regularizer', None), ('kernel_constraint', None), ('bias_constraint', None), ('lora_rank', None), ('lora_alpha', None), ('gptq_unpacked_column_size', None), ('quantization_config', None)), (('inputs', ...), ('training', None))),  # noqa: E501
    'Embedding': ('embedding', (('input_dim', ...), ('output_dim', ...), ('embeddings_initializer', 'uniform'), ('embeddings_regularizer', None), ('embeddings_constraint', None), ('mask_zero', False), ('weights', None), ('lora_rank', None), ('lora_alpha', None), ('quantization_config', None)), (('inputs', ...),)),  # noqa: E501
    'Equalization': ('equalization', (('value_range', (0, 255)), ('bins', 256), ('data_format', None)), (('data', ...), ('training', True))),  # noqa: E501
    'Flatten': ('flatten', (('data_format', None),), (('inputs', ...),)),  # noqa: E501
    'GRU': ('gru', (('units', ...), ('activation', 'tanh'), ('recurrent_activation', 'sigmoid'), ('use_bias', True), ('kernel_initializer', 'glorot_uniform'), ('recurrent_initializer', 'orthogonal'), ('bias_initializer', 'zeros'), ('kernel_regularizer', None), ('recurrent_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('kernel_constraint', None), ('recurrent_constraint', None), ('bias_constraint', None), ('dropout', 0.0), ('recurrent_dropout', 0.0), ('seed', None), ('return_sequences', False), ('return_state', False), ('go_backwards', False), ('stateful', False), ('unroll', False), ('reset_after', True), ('use_cudnn', 'auto')), (('sequences', ...), ('initial_state', None), ('mask', None), ('training', False))),  # noqa: E501
    'GRUCell': ('gru_cell', (('units', ...), ('activation', 'tanh'), ('recurrent_activation', 'sigmoid'), ('use_bias', True), ('kernel_initializer', 'glorot_uniform'), ('recurrent_initializer', 'orthogonal'), ('bias_initializer', 'zeros'), ('kernel_regularizer', None), ('recurrent_regularizer', None), ('bias_regularizer', None), ('kernel_constraint', None), ('recurrent_constraint', None), ('bias_constraint', None), ('dropout', 0.0), ('recurrent_dropout', 0.0), ('reset_after', True), ('seed', None)), (('inputs', ...), ('states', ...), ('training', False))),  # noqa: E501
    'GaussianDropout': ('gaussian_dropout', (('rate', ...), ('seed', None)), (('inputs', ...), ('training', False))),  # noqa: E501
    'GaussianNoise': ('gaussian_noise', (('stddev', ...), ('seed', None)), (('inputs', ...), ('training', False))),  # noqa: E501
    'GlobalAveragePooling1D': ('global_average_pooling1d', (('data_format', None), ('keepdims', False)), (('inputs', ...), ('mask', None))),  # noqa: E501
    'GlobalAveragePooling2D': ('global_average_pooling2d', (('data_format', None), ('keepdims', False)), (('inputs', ...),)),  # noqa: E501
    'GlobalAveragePooling3D': ('global_average_pooling3d', (('data_format', None), ('keepdims', False)), (('inputs', ...),)),  # noqa: E501
    'GlobalMaxPooling1D': ('global_max_pooling1d', (('data_format', None), ('keepdims', False)), (('inputs', ...),)),  # noqa: E501
    'GlobalMaxPooling2D': ('global_max_pooling2d', (('data_format', None), ('keepdims', False)), (('inputs', ...),)),  # noqa: E501
    'GlobalMaxPooling3D': ('global_max_pooling3d', (('data_format', None), ('keepdims', False)), (('inputs', ...),)),  # noqa: E501
    'GroupNormalization': ('group_normalization', (('groups', 32), ('axis', -1), ('epsilon', 0.001), ('center', True), ('scale', True), ('beta_initializer', 'zeros'), ('gamma_initializer', 'ones'), ('beta_regularizer', None), ('gamma_regularizer', None), ('beta_constraint', None), ('gamma_constraint', None)), (('inputs', ...),)),  # noqa: E501
    'GroupedQueryAttention': ('grouped_query_attention', (('head_dim', ...), ('num_query_heads', ...), ('num_key_value_heads', ...), ('dropout', 0.0), ('use_bias', True), ('sliding_window', None), ('flash_attention', None), ('kernel_initializer', 'glorot_uniform'), ('bias_initializer', 'zeros'), ('kernel_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('kernel_constraint', None), ('bias_constraint', None), ('use_gate', False), ('seed', None)), (('query', ...), ('value', ...), ('key', None), ('query_mask', None), ('value_mask', None), ('key_mask', None), ('attention_mask', None), ('return_attention_scores', False), ('training', None), ('use_causal_mask', False))),  # noqa: E501
    'HashedCrossing': ('hashed_crossing', (('num_bins', ...), ('output_mode', 'int'), ('sparse', False), ('name', None), ('dtype', None)), (('inputs', ...),)),  # noqa: E501
    'Hashing': ('hashing', (('num_bins', ...), ('mask_value', None), ('salt', None), ('output_mode', 'int'), ('sparse', False)), (('inputs', ...),)),  # noqa: E501
    'Identity': ('identity', (), (('inputs', ...),)),  # noqa: E501
    'InputLayer': ('input_layer', (('shape', None), ('batch_size', None), ('dtype', None), ('sparse', None), ('ragged', None), ('batch_shape', None), ('input_tensor', None), ('optional', False), ('name', None)), ()),  # noqa: E501
    'IntegerLookup': ('integer_lookup', (('max_tokens', None), ('num_oov_indices', 1), ('mask_token', None), ('oov_token', -1), ('vocabulary', None), ('vocabulary_dtype', 'int64'), ('idf_weights', None), ('invert', False), ('output_mode', 'int'), ('sparse', False), ('pad_to_max_tokens', False), ('oov_method', 'floormod'), ('salt', None), ('name', None)), (('inputs', ...),)),  # noqa: E501
    'LSTM': ('lstm', (('units', ...), ('activation', 'tanh'), ('recurrent_activation', 'sigmoid'), ('use_bias', True), ('kernel_initializer', 'glorot_uniform'), ('recurrent_initializer', 'orthogonal'), ('bias_initializer', 'zeros'), ('unit_forget_bias', True), ('kernel_regularizer', None), ('recurrent_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('kernel_constraint', None), ('recurrent_constraint', None), ('bias_constraint', None), ('dropout', 0.0), ('recurrent_dropout', 0.0), ('seed', None), ('return_sequences', False), ('return_state', False), ('go_backwards', False), ('stateful', False), ('unroll', False), ('use_cudnn', 'auto')), (('sequences', ...), ('initial_state', None), ('mask', None), ('training', False))),  # noqa: E501
    'LSTMCell': ('lstm_cell', (('units', ...), ('activation', 'tanh'), ('recurrent_activation', 'sigmoid'), ('use_bias', True), ('kernel_initializer', 'glorot_uniform'), ('recurrent_initializer', 'orthogonal'), ('bias_initializer', 'zeros'), ('unit_forget_bias', True), ('kernel_regularizer', None), ('recurrent_regularizer', None), ('bias_regularizer', None), ('kernel_constraint', None), ('recurrent_constraint', None), ('bias_constraint', None), ('dropout', 0.0), ('recurrent_dropout', 0.0), ('seed', None)), (('inputs', ...), ('states', ...), ('training', False))),  # noqa: E501
    'Lambda': ('lambda', (('function', ...), ('output_shape', None), ('mask', None), ('arguments', None)), (('inputs', ...), ('mask', None), ('training', None))),  # noqa: E501
    'LayerNormalization': ('layer_normalization', (('axis', -1), ('epsilon', 0.001), ('center', True), ('scale', True), ('beta_initializer', 'zeros'), ('gamma_initializer', 'ones'), ('beta_regularizer', None), ('gamma_regularizer', None), ('beta_constraint', None), ('gamma_constraint', None)), (('inputs', ...),)),  # noqa: E501
    'LeakyReLU': ('leaky_re_lu', (('negative_slope', 0.3),), (('inputs', ...),)),  # noqa: E501
    'Masking': ('masking', (('mask_value', 0.0),), (('inputs', ...),)),  # noqa: E501
    'MaxNumBoundingBoxes': ('max_num_bounding_boxes', (('max_number', ...), ('fill_value', -1)), (('data', ...), ('training', True))),  # noqa: E501
    'MaxPooling1D': ('max_pooling1d', (('pool_size', 2), ('strides', None), ('padding', 'valid'), ('data_format', None), ('name', None)), (('inputs', ...),)),  # noqa: E501
    'MaxPooling2D': ('max_pooling2d', (('pool_size', (2, 2)), ('strides', None), ('padding', 'valid'), ('data_format', None), ('name', None)), (('inputs', ...),)),  # noqa: E501
    'MaxPooling3D': ('max_pooling3d', (('pool_size', (2, 2, 2)), ('strides', None), ('padding', 'valid'), ('data_format', None), ('name', None)), (('inputs', ...),)),  # noqa: E501
    'Maximum': ('maximum', (), (('inputs', ...),)),  # noqa: E501
    'MelSpectrogram': ('mel_spectrogram', (('fft_length', 2048), ('sequence_stride', 512), ('sequence_length', None), ('window', 'hann'), ('sampling_rate', 16000), ('num_mel_bins', 128), ('min_freq', 20.0), ('max_freq', None), ('power_to_db', True), ('top_db', 80.0), ('mag_exp', 2.0), ('min_power', 1e-10), ('ref_power', 1.0)), (('inputs', ...),)),  # noqa: E501
    'Minimum': ('minimum', (), (('inputs', ...),)),  # noqa: E501
    'MixUp': ('mix_up', (('alpha', 0.2), ('data_format', None), ('seed', None)), (('data', ...), ('training', True))),  # noqa: E501
    'MultiHeadAttention': ('multi_head_attention', (('num_heads', ...), ('key_dim', ...), ('value_dim', None), ('dropout', 0.0), ('use_bias', True), ('output_shape', None), ('attention_axes', None), ('sliding_window', None), ('flash_attention', None), ('kernel_initializer', 'glorot_uniform'), ('bias_initializer', 'zeros'), ('kernel_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('kernel_constraint', None), ('bias_constraint', None), ('use_gate', False), ('seed', None)), (('query', ...), ('value', ...), ('key', None), ('query_mask', None), ('value_mask', None), ('key_mask', None), ('attention_mask', None), ('return_attention_scores', False), ('training', None), ('use_causal_mask', False))),  # noqa: E501
    'Multiply': ('multiply', (), (('inputs', ...),)),  # noqa: E501
    'Normalization': ('normalization', (('axis', -1), ('mean', None), ('variance', None), ('invert', False)), (('inputs', ...),)),  # noqa: E501
    'PReLU': ('p_re_lu', (('alpha_initializer', 'Zeros'), ('alpha_regularizer', None), ('alpha_constraint', None), ('shared_axes', None)), (('inputs', ...),)),  # noqa: E501
    'Permute': ('permute', (('dims', ...),), (('inputs', ...),)),  # noqa: E501
    'Pipeline': ('pipeline', (('layers', ...), ('name', None)), (('inputs', ...), ('training', True), ('mask', None))),  # noqa: E501
    'RMSNormalization': ('rms_normalization', (('axis', -1), ('epsilon', 1e-06)), (('x', ...),)),  # noqa: E501
    'RNN': ('rnn', (('cell', ...), ('return_sequences', False), ('return_state', False), ('go_backwards', False), ('stateful', False), ('unroll', False), ('zero_output_for_mask', False)), (('sequences', ...), ('initial_state', None), ('mask', None), ('training', False))),  # noqa: E501
    'RandAugment': ('rand_augment', (('value_range', (0, 255)), ('num_ops', 2), ('factor', 0.5), ('interpolation', 'bilinear'), ('seed', None), ('data_format', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomBrightness': ('random_brightness', (('factor', ...), ('value_range', (0, 255)), ('seed', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomColorDegeneration': ('random_color_degeneration', (('factor', ...), ('value_range', (0, 255)), ('data_format', None), ('seed', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomColorJitter': ('random_color_jitter', (('value_range', (0, 255)), ('brightness_factor', None), ('contrast_factor', None), ('saturation_factor', None), ('hue_factor', None), ('seed', None), ('data_format', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomContrast': ('random_contrast', (('factor', ...), ('value_range', (0, 255)), ('seed', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomCrop': ('random_crop', (('height', ...), ('width', ...), ('seed', None), ('data_format', None), ('name', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomElasticTransform': ('random_elastic_transform', (('factor', 1.0), ('scale', 1.0), ('interpolation', 'bilinear'), ('fill_mode', 'reflect'), ('fill_value', 0.0), ('value_range', (0, 255)), ('seed', None), ('data_format', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomErasing': ('random_erasing', (('factor', 1.0), ('scale', (0.02, 0.33)), ('fill_value', None), ('value_range', (0, 255)), ('seed', None), ('data_format', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomFlip': ('random_flip', (('mode', 'horizontal_and_vertical'), ('seed', None), ('data_format', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomGaussianBlur': ('random_gaussian_blur', (('factor', 1.0), ('kernel_size', 3), ('sigma', 1.0), ('value_range', (0, 255)), ('data_format', None), ('seed', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomGrayscale': ('random_grayscale', (('factor', 0.5), ('data_format', None), ('seed', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomHue': ('random_hue', (('factor', ...), ('value_range', (0, 255)), ('data_format', None), ('seed', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomInvert': ('random_invert', (('factor', 1.0), ('value_range', (0, 255)), ('seed', None), ('data_format', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomPerspective': ('random_perspective', (('factor', 1.0), ('scale', 1.0), ('interpolation', 'bilinear'), ('fill_value', 0.0), ('seed', None), ('data_format', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomPosterization': ('random_posterization', (('factor', ...), ('value_range', (0, 255)), ('data_format', None), ('seed', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomRotation': ('random_rotation', (('factor', ...), ('fill_mode', 'reflect'), ('interpolation', 'bilinear'), ('seed', None), ('fill_value', 0.0), ('data_format', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomSaturation': ('random_saturation', (('factor', ...), ('value_range', (0, 255)), ('data_format', None), ('seed', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomSharpness': ('random_sharpness', (('factor', ...), ('value_range', (0, 255)), ('data_format', None), ('seed', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomShear': ('random_shear', (('x_factor', 0.0), ('y_factor', 0.0), ('interpolation', 'bilinear'), ('fill_mode', 'reflect'), ('fill_value', 0.0), ('data_format', None), ('seed', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomTranslation': ('random_translation', (('height_factor', ...), ('width_factor', ...), ('fill_mode', 'reflect'), ('interpolation', 'bilinear'), ('seed', None), ('fill_value', 0.0), ('data_format', None)), (('data', ...), ('training', True))),  # noqa: E501
    'RandomZoom': ('random_zoom', (('height_factor', ...), ('width_factor', None), ('fill_mode', 'reflect'), ('interpolation', 'bilinear'), ('seed', None), ('fill_value', 0.0), ('data_format', None)), (('data', ...), ('training', True))),  # noqa: E501
    'ReLU': ('re_lu', (('max_value', None), ('negative_slope', 0.0), ('threshold', 0.0)), (('inputs', ...),)),  # noqa: E501
    'RepeatVector': ('repeat_vector', (('n', ...),), (('inputs', ...),)),  # noqa: E501
    'Rescaling': ('rescaling', (('scale', ...), ('offset', 0.0)), (('inputs', ...),)),  # noqa: E501
    'Reshape': ('reshape', (('target_shape', ...),), (('inputs', ...),)),  # noqa: E501
    'Resizing': ('resizing', (('height', ...), ('width', ...), ('interpolation', 'bilinear'), ('crop_to_aspect_ratio', False), ('pad_to_aspect_ratio', False), ('fill_mode', 'constant'), ('fill_value', 0.0), ('antialias', False), ('data_format', None)), (('data', ...), ('training', True))),  # noqa: E501
    'ReversibleEmbedding': ('reversible_embedding', (('input_dim', ...), ('output_dim', ...), ('tie_weights', True), ('embeddings_initializer', 'uniform'), ('embeddings_regularizer', None), ('embeddings_constraint', None), ('mask_zero', False), ('reverse_dtype', None), ('logit_soft_cap', None)), (('inputs', ...), ('reverse', False))),  # noqa: E501
    'STFTSpectrogram': ('stft_spectrogram', (('mode', 'log'), ('frame_length', 256), ('frame_step', None), ('fft_length', None), ('window', 'hann'), ('periodic', False), ('scaling', 'density'), ('padding', 'valid'), ('expand_dims', False), ('data_format', None)), (('inputs', ...),)),  # noqa: E501
    'SeparableConv1D': ('separable_conv1d', (('filters', ...), ('kernel_size', ...), ('strides', 1), ('padding', 'valid'), ('data_format', None), ('dilation_rate', 1), ('depth_multiplier', 1), ('activation', None), ('use_bias', True), ('depthwise_initializer', 'glorot_uniform'), ('pointwise_initializer', 'glorot_uniform'), ('bias_initializer', 'zeros'), ('depthwise_regularizer', None), ('pointwise_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('depthwise_constraint', None), ('pointwise_constraint', None), ('bias_constraint', None)), (('inputs', ...),)),  # noqa: E501
    'SeparableConv2D': ('separable_conv2d', (('filters', ...), ('kernel_size', ...), ('strides', (1, 1)), ('padding', 'valid'), ('data_format', None), ('dilation_rate', (1, 1)), ('depth_multiplier', 1), ('activation', None), ('use_bias', True), ('depthwise_initializer', 'glorot_uniform'), ('pointwise_initializer', 'glorot_uniform'), ('bias_initializer', 'zeros'), ('depthwise_regularizer', None), ('pointwise_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('depthwise_constraint', None), ('pointwise_constraint', None), ('bias_constraint', None)), (('inputs', ...),)),  # noqa: E501
    'SimpleRNN': ('simple_rnn', (('units', ...), ('activation', 'tanh'), ('use_bias', True), ('kernel_initializer', 'glorot_uniform'), ('recurrent_initializer', 'orthogonal'), ('bias_initializer', 'zeros'), ('kernel_regularizer', None), ('recurrent_regularizer', None), ('bias_regularizer', None), ('activity_regularizer', None), ('kernel_constraint', None), ('recurrent_constraint', None), ('bias_constraint', None), ('dropout', 0.0), ('recurrent_dropout', 0.0), ('return_sequences', False), ('return_state', False), ('go_backwards', False), ('stateful', False), ('unroll', False), ('seed', None)), (('sequences', ...), ('initial_state', None), ('mask', None), ('training', False))),  # noqa: E501
    'SimpleRNNCell': ('simple_rnn_cell', (('units', ...), ('activation', 'tanh'), ('use_bias', True), ('kernel_initializer', 'glorot_uniform'), ('recurrent_initializer', 'orthogonal'), ('bias_initializer', 'zeros'), ('kernel_regularizer', None), ('recurrent_regularizer', None), ('bias_regularizer', None), ('kernel_constraint', None), ('recurrent_constraint', None), ('bias_constraint', None), ('dropout', 0.0), ('recurrent_dropout', 0.0), ('seed', None)), (('sequence', ...), ('states', ...), ('training', False))),  # noqa: E501
    'Softmax': ('softmax', (('axis', -1),), (('inputs', ...), ('mask', None))),  # noqa: E501
    'Solarization': ('solarization', (('addition_factor', 0.0), ('threshold_factor', 0.0), ('value_range', (0, 255)), ('seed', None)), (('data', ...), ('training', True))),  # noqa: E501
    'SpatialDropout1D': ('spatial_dropout1d', (('rate', ...), ('seed', None), ('name', None), ('dtype', None)), (('inputs', ...), ('training', False))),  # noqa: E501
    'SpatialDropout2D': ('spatial_dropout2d', (('rate', ...), ('data_format', None), ('seed', None), ('name', None), ('dtype', None)), (('inputs', ...), ('training', False))),  # noqa: E501
    'SpatialDropout3D': ('spatial_dropout3d', (('rate', ...), ('data_format', None), ('seed', None), ('name', None), ('dtype', None)), (('inputs', ...), ('training', False))),  # noqa: E501
    'SpectralNormalization': ('spectral_normalization', (('layer', ...), ('power_iterations', 1)), (('inputs', ...), ('training', False))),  # noqa: E501
    'StackedRNNCells': ('stacked_rnn_cells', (('cells', ...),), (('inputs', ...), ('states', ...), ('training', False))),  # noqa: E501
    'StringLookup': ('string_lookup', (('max_tokens', None), ('num_oov_indices', 1), ('mask_token', None), ('oov_token', '[UNK]'), ('vocabulary', None), ('idf_weights', None), ('invert', False), ('output_mode', 'int'), ('pad_to_max_tokens', False), ('sparse', False), ('encoding', 'utf-8'), ('name', None), ('salt', None)), (('inputs', ...),)),  # noqa: E501
    'Subtract': ('subtract', (), (('inputs', ...),)),  # noqa: E501
    'TextVectorization': ('text_vectorization', (('max_tokens', None), ('standardize', 'lower_and_strip_punctuation'), ('split', 'whitespace'), ('ngrams', None), ('output_mode', 'int'), ('output_sequence_length', None), ('pad_to_max_tokens', False), ('vocabulary', None), ('idf_weights', None), ('sparse', False), ('ragged', False), ('encoding', 'utf-8'), ('name', None)), (('inputs', ...),)),  # noqa: E501
    'TimeDistributed': ('time_distributed', (('layer', ...),), (('inputs', ...), ('training', None), ('mask', None))),  # noqa: E501
    'UnitNormalization': ('unit_normalization', (('axis', -1),), (('inputs', ...),)),  # noqa: E501
    'UpSampling1D': ('up_sampling1d', (('size', 2),), (('inputs', ...),)),  # noqa: E501
    'UpSampling2D': ('up_sampling2d', (('size', (2, 2)), ('data_format', None), ('interpolation', 'nearest')), (('inputs', ...),)),  # noqa: E501
    'UpSampling3D': ('up_sampling3d', (('size', (2, 2, 2)), ('data_format', None)), (('inputs', ...),)),  # noqa: E501
    'ZeroPadding1D': ('zero_padding1d', (('padding', 1), ('data_format', None)), (('inputs', ...),)),  # noqa: E501
    'ZeroPadding2D': ('zero_padding2d', (('padding', (1, 1)), ('data_format', None)), (('inputs', ...),)),  # noqa: E501
    'ZeroPadding3D': ('zero_padding3d', (('padding', ((1, 1), (1, 1), (1, 1))), ('data_format', None)), (('inputs', ...),)),  # noqa: E501
}

ALIASES: dict[str, str] = {
    'AvgPool1D': 'AveragePooling1D',
    'AvgPool2D': 'AveragePooling2D',
    'AvgPool3D': 'AveragePooling3D',
    'Convolution1D': 'Conv1D',
    'Convolution1DTranspose': 'Conv1DTranspose',
    'Convolution2D': 'Conv2D',
    'Convolution2DTranspose': 'Conv2DTranspose',
    'Convolution3D': 'Conv3D',
    'Convolution3DTranspose': 'Conv3DTranspose',
    'GlobalAvgPool1D': 'GlobalAveragePooling1D',
    'GlobalAvgPool2D': 'GlobalAveragePooling2D',
    'GlobalAvgPool3D': 'GlobalAveragePooling3D',
    'GlobalMaxPool1D': 'GlobalMaxPooling1D',
    'GlobalMaxPool2D': 'GlobalMaxPooling2D',
    'GlobalMaxPool3D': 'GlobalMaxPooling3D',
    'GroupQueryAttention': 'GroupedQueryAttention',
    'MaxPool1D': 'MaxPooling1D',
    'MaxPool2D': 'MaxPooling2D',
    'MaxPool3D': 'MaxPooling3D',
    'SeparableConvolution1D': 'SeparableConv1D',
    'SeparableConvolution2D': 'SeparableConv2D',
}

IDENTIFIERS: dict[str, frozenset[str]] = {
    'initializer': frozenset(['Constant', 'GlorotNormal', 'GlorotUniform', 'HeNormal', 'HeUniform', 'Identity', 'IdentityInitializer', 'Initializer', 'LecunNormal', 'LecunUniform', 'Ones', 'Orthogonal', 'OrthogonalInitializer', 'RandomNormal', 'RandomUniform', 'STFT', 'STFTInitializer', 'TruncatedNormal', 'VarianceScaling', 'Zeros', 'constant', 'glorot_normal', 'glorot_uniform', 'he_normal', 'he_uniform', 'identity', 'initializer', 'lecun_normal', 'lecun_uniform', 'normal', 'one', 'ones', 'orthogonal', 'random_normal', 'random_uniform', 'stft', 'truncated_normal', 'uniform', 'variance_scaling', 'zero', 'zeros']),  # noqa: E501
    'regularizer': frozenset(['L1', 'L1L2', 'L2', 'OrthogonalRegularizer', 'Regularizer', 'l1', 'l1l2', 'l2', 'orthogonal_regularizer', 'regularizer']),  # noqa: E501
    'constraint': frozenset(['Constraint', 'MaxNorm', 'MinMaxNorm', 'NonNeg', 'UnitNorm', 'constraint', 'max_norm', 'min_max_norm', 'non_neg', 'unit_norm']),  # noqa: E501
}
# fmt: on
