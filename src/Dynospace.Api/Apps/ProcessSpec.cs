using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;

namespace Dynospace.Api.Apps;

/// <summary>One process type of an app.</summary>
public sealed class ProcessSpec
{
    /// <summary>The type: <c>web</c> receives requests on <c>$PORT</c>, every other runs in the background.</summary>
    [JsonPropertyName("type"), Required, StringLength(20, MinimumLength = 1), RegularExpression(Cel.LabelPattern)]
    [CelRule("!self.contains('--')", "must not contain a double hyphen: use single ones", MessageExpression = "'\"' + self + '\" contains a double hyphen: use single ones'")]
    [CelRule("!(self in ['run', 'release'])", "run and release are one-off types of the platform: choose another name")]
    public string Type { get; set; } = "";

    /// <summary>The number of dynos.</summary>
    [JsonPropertyName("quantity"), Range(0, SpaceDefaults.MaxDynosPerApp), DefaultValue(1)]
    public int Quantity { get; set; } = 1;

    /// <summary>The dyno size: memory and share of processor.</summary>
    [JsonPropertyName("size"), DefaultValue(DynoSizes.Default), AllowedValues(DynoSizes.Eco, DynoSizes.Basic, DynoSizes.Standard1X, DynoSizes.Standard2X, DynoSizes.PrivateS, DynoSizes.PrivateM, DynoSizes.PrivateL, DynoSizes.PrivateLRam, DynoSizes.PrivateXL, DynoSizes.Private2XL)]
    public string Size { get; set; } = DynoSizes.Default;

    /// <summary>What to run, without a shell. Omitted: the image's own command.</summary>
    [JsonPropertyName("command"), MaxLength(64), ItemLength(0, 4096)]
    public IList<string>? Command { get; set; }
}
