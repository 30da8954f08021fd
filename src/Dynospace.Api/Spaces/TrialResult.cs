using System.Text.Json.Serialization;

namespace Dynospace.Api.Spaces;

/// <summary>What is known from trials of the network.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TrialResult>))]
public enum TrialResult
{
    /// <summary>What must pass passed, and what must not did not.</summary>
    Enforced,

    /// <summary>Something passed that the policies forbid.</summary>
    NotEnforced,

    /// <summary>No trial could be held that would tell.</summary>
    NotVerified,
}
