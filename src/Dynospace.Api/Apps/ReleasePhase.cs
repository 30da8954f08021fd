using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;

namespace Dynospace.Api.Apps;

/// <summary>What runs once before each release goes out; a failure keeps the previous release running.</summary>
public sealed class ReleasePhase
{
    /// <summary>What to run, without a shell.</summary>
    [JsonPropertyName("command"), Required, MinLength(1), MaxLength(64), ItemLength(0, 4096)]
    public IList<string> Command { get; set; } = [];
}
