using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Dynospace.Api.Spaces;

/// <summary>The last trial of whether the network enforces the policies. The condition IsolationVerified says the same in words.</summary>
public sealed class IsolationTrial
{
    /// <summary>When it ended.</summary>
    [JsonPropertyName("triedAt"), Required]
    public DateTime TriedAt { get; set; }

    /// <summary>What is known since. A trial that could not be held leaves NotEnforced as it is.</summary>
    [JsonPropertyName("result"), Required]
    public TrialResult Result { get; set; }

    /// <summary>A hash of what was tried: policies, kinds of nodes, agents of the network. Another one asks for another trial.</summary>
    [JsonPropertyName("subject"), Required]
    public string Subject { get; set; } = "";

    /// <summary>What was seen.</summary>
    [JsonPropertyName("message")]
    public string? Message { get; set; }

    /// <summary>Why the last trial could not be held; absent when it was.</summary>
    [JsonPropertyName("obstacle")]
    public string? Obstacle { get; set; }
}
