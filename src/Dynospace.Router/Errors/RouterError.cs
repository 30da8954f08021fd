namespace Dynospace.Router.Errors;

/// <summary>How a request ended other than by a dyno's response.</summary>
/// <param name="Code">The platform's code; null where it has none.</param>
/// <param name="Description">As in the log line.</param>
/// <param name="Status">What the client gets, where it still can.</param>
public sealed record RouterError(string? Code, string Description, int Status)
{
    /// <summary>Meant by the app's owner and so no error: maintenance, a blank app.</summary>
    public bool IsExpected { get; init; }
}
