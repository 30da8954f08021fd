using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Apps;
using Dynospace.Api.Schema;

namespace Dynospace.Api.Dynos;

/// <summary>What a dyno shall run. Image and config are those of the app's release.</summary>
[CelRule("self.app == oldSelf.app && self.processType == oldSelf.processType && self.index == oldSelf.index", "app, processType and index are the dyno's identity and cannot change: create another Dyno")]
public sealed class DynoSpec
{
    /// <summary>The app, in the same namespace.</summary>
    [JsonPropertyName("app"), Required, StringLength(30, MinimumLength = 1), RegularExpression(Cel.LabelPattern)]
    public string App { get; set; } = "";

    /// <summary>The process type; <c>run</c> for what people start themselves.</summary>
    [JsonPropertyName("processType"), Required, StringLength(20, MinimumLength = 1), RegularExpression(Cel.LabelPattern)]
    public string ProcessType { get; set; } = "";

    /// <summary>The number at the end of the name.</summary>
    [JsonPropertyName("index"), Required, Range(1, 99999)]
    public int Index { get; set; }

    /// <summary>The app's release to run. Omitted: the one that is out when the dyno starts.</summary>
    [JsonPropertyName("release"), Range(1, int.MaxValue)]
    public long? Release { get; set; }

    /// <summary>What to run, without a shell. Omitted: the command of the release's process type, or the image's own.</summary>
    [JsonPropertyName("command"), MaxLength(64), ItemLength(0, 4096)]
    public IList<string>? Command { get; set; }

    /// <summary>The dyno size.</summary>
    [JsonPropertyName("size"), DefaultValue(DynoSizes.Default), AllowedValues(DynoSizes.Eco, DynoSizes.Basic, DynoSizes.Standard1X, DynoSizes.Standard2X, DynoSizes.PrivateS, DynoSizes.PrivateM, DynoSizes.PrivateL, DynoSizes.PrivateLRam, DynoSizes.PrivateXL, DynoSizes.Private2XL)]
    public string Size { get; set; } = DynoSizes.Default;
}
