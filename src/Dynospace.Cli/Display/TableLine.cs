using Dynospace.Cli.Platform;

namespace Dynospace.Cli.Display;

/// <summary>A line of the table: a row, or a note of how many rows do not fit.</summary>
internal sealed record TableLine(int Indent, Row? Row, string Note)
{
    public static TableLine Of(Row row) => new((int)row.Kind, row, "");

    public static TableLine More(int indent, string note) => new(indent, null, note);
}
