// The frames between the worker and its parent, as frame.rs describes them.

package cartouche;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

final class Frames {
    private final DataInputStream in;
    private final DataOutputStream out;

    Frames(InputStream in, OutputStream out) {
        this.in = new DataInputStream(new BufferedInputStream(in, 1 << 16));
        this.out = new DataOutputStream(new BufferedOutputStream(out, 1 << 16));
    }

    static final class Frame {
        final char kind;
        final int id;
        final List<byte[]> fields = new ArrayList<>();

        Frame(char kind, int id) {
            this.kind = kind;
            this.id = id;
        }

        Frame with(byte[] field) {
            fields.add(field);
            return this;
        }

        Frame with(String field) {
            return with(field == null ? new byte[0] : field.getBytes(StandardCharsets.UTF_8));
        }

        Frame withLine(int line) {
            return with(line > 0 ? Integer.toString(line) : "");
        }

        String text(int at) {
            return new String(fields.get(at), StandardCharsets.UTF_8);
        }
    }

    /** Waits for the next frame; throws EOFException when the parent is gone. */
    Frame receive() throws IOException {
        byte[] body = new byte[in.readInt()];
        in.readFully(body);
        DataInputStream rest = new DataInputStream(new ByteArrayInputStream(body));
        Frame frame = new Frame((char) rest.readUnsignedByte(), rest.readInt());
        while (rest.available() > 0) {
            byte[] field = new byte[rest.readInt()];
            rest.readFully(field);
            frame.fields.add(field);
        }
        return frame;
    }

    /** Ends the process when the parent is gone, or when an answer is larger than a frame can be. */
    synchronized void send(Frame frame) {
        try {
            int length = 5;
            for (byte[] field : frame.fields) {
                length = Math.addExact(length, Math.addExact(4, field.length));
            }
            out.writeInt(length);
            out.writeByte(frame.kind);
            out.writeInt(frame.id);
            for (byte[] field : frame.fields) {
                out.writeInt(field.length);
                out.write(field);
            }
            out.flush();
        } catch (ArithmeticException cause) {
            Runtime.getRuntime().halt(Worker.OUT_OF_MEMORY);
        } catch (IOException cause) {
            Runtime.getRuntime().halt(0);
        }
    }
}
