using System.Text.Json.Nodes;

namespace Dynospace.Testing.Admission;

/// <summary>One object and what an API server with our CRDs says to it.</summary>
/// <param name="Name">What the case shows, as a sentence.</param>
/// <param name="Before">For an update: the object as it is stored.</param>
/// <param name="Object">What is sent.</param>
/// <param name="Says">
/// Parts of the refusal's message, each of which must be there; empty where the object is admitted.
/// </param>
public sealed record AdmissionCase(string Name, JsonObject? Before, JsonObject Object, IReadOnlyList<string> Says)
{
    public bool IsAdmitted => Says.Count == 0;

    public string Kind => (string)Object["kind"]!;

    public override string ToString() => $"{Kind}: {Name}";
}
